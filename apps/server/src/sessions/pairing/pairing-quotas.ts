import type { Caller } from "../../kernel/caller.ts";
import { WindowCounter } from "../../kernel/concurrency/window-counter.ts";
import { Failure } from "../../kernel/failures.ts";
import { type QuotaLimits, requireRoom } from "../../kernel/quotas.ts";
import type { Device } from "../device.ts";
import type { PairingMethod } from "./pairing.ts";

/**
 * Limits the pairings of this server: each needs a connection to WhatsApp, and each pairing code shows a prompt on a
 * phone, which may be anyone's. WhatsApp bans accounts and addresses that ask for many.
 */
export class PairingQuotas {
  readonly #limits: Pick<QuotaLimits, "pairings" | "pairingsPerHour" | "phonesPerHour">;
  /** By tenant, the devices for which a pairing was begun; most of these pairings are over. */
  readonly #begun = new Map<string, readonly Device[]>();
  readonly #perHour: WindowCounter;
  /** By user and phone, when the user last asked for a code. */
  readonly #phones = new Map<string, Map<string, number>>();

  constructor(limits: Pick<QuotaLimits, "pairings" | "pairingsPerHour" | "phonesPerHour">) {
    this.#limits = limits;
    this.#perHour = new WindowCounter({
      name: "pairings",
      limit: limits.pairingsPerHour,
      windowMs: hourMs,
      maxKeys: 100_000,
    });
  }

  /**
   * Counts a pairing that is about to begin.
   * @throws Failure QuotaReached, PairingLimited; then it is not counted
   */
  begin({ tenantId, userId }: Caller, device: Device, method: PairingMethod): void {
    const others = this.#underWay(tenantId).filter((each) => each !== device);
    requireRoom("your tenant has", "pairings under way", others.length, this.#limits.pairings);
    const phones = method.by === "code" ? this.#phonesOf(userId) : undefined;
    if (method.by === "code" && phones) this.#requirePhone(phones, method.phoneNumber);
    if (this.#limits.pairingsPerHour > 0) {
      const { isOver, resetSeconds } = this.#perHour.count(tenantId);
      if (isOver)
        throw tooMany("your tenant has begun", this.#limits.pairingsPerHour, "pairings", resetSeconds);
    }
    if (method.by === "code") phones?.set(method.phoneNumber, performance.now());
    this.#begun.set(tenantId, [...others, device]);
  }

  /** How many devices of the tenant wait to be paired, and how many pairings it has begun in the last hour. */
  used(tenantId: string): { readonly pairings: number; readonly pairingsPerHour: number } {
    return {
      pairings: this.#underWay(tenantId).length,
      pairingsPerHour: Math.min(this.#perHour.counted(tenantId), this.#limits.pairingsPerHour),
    };
  }

  #underWay(tenantId: string): Device[] {
    const pairing = (this.#begun.get(tenantId) ?? []).filter(({ state }) => state === "pairing");
    if (pairing.length === 0) this.#begun.delete(tenantId);
    return pairing;
  }

  #phonesOf(userId: string): Map<string, number> {
    const hourAgo = performance.now() - hourMs;
    for (const [user, phones] of this.#phones) {
      for (const [phone, askedAt] of phones) if (askedAt <= hourAgo) phones.delete(phone);
      if (phones.size === 0) this.#phones.delete(user);
    }
    const phones = this.#phones.get(userId) ?? new Map<string, number>();
    this.#phones.set(userId, phones);
    return phones;
  }

  #requirePhone(phones: ReadonlyMap<string, number>, phoneNumber: string): void {
    const { phonesPerHour } = this.#limits;
    if (phonesPerHour === 0 || phones.has(phoneNumber) || phones.size < phonesPerHour) return;
    const oldest = Math.min(...phones.values());
    const seconds = Math.max(1, Math.ceil((oldest + hourMs - performance.now()) / 1_000));
    throw tooMany("you have asked for codes for", phonesPerHour, "phones", seconds);
  }
}

const hourMs = 3_600_000;

function tooMany(who: string, count: number, what: string, retryAfter: number): Failure {
  return new Failure("PairingLimited", {
    message: `${who} ${count} ${what} in the last hour, as many as may be`,
    retryAfter,
  });
}
