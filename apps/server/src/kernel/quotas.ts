import { Failure } from "./failures.ts";

/** Maximum numbers; 0 means no limit. */
export interface QuotaLimits {
  /** Tokens of a user that have not expired. */
  readonly tokens: number;
  /** Users of a tenant. */
  readonly users: number;
  /** Devices of all users of a tenant. */
  readonly devices: number;
  /** Devices of a tenant that wait to be paired, on this server. */
  readonly pairings: number;
  /** Pairings that a tenant begins in an hour, on this server. */
  readonly pairingsPerHour: number;
  /** Phones that a user requests pairing codes for in an hour, on this server. */
  readonly phonesPerHour: number;
}

/**
 * @param whose the owner and the verb, as in `your tenant has 500 devices`
 * @param used how many exist already
 * @throws Failure QuotaReached when no more may be created
 */
export function requireRoom(
  whose: "you have" | "the user has" | "your tenant has",
  what: string,
  used: number,
  limit: number,
): void {
  if (limit === 0 || used < limit) return;
  throw new Failure("QuotaReached", {
    message: `${whose} ${used} ${what}, and may have ${limit}`,
  });
}
