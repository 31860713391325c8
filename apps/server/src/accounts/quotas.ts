import type { Quota, Quotas as QuotasOfCaller } from "@wuts/contract";
import type { Caller } from "../kernel/caller.ts";
import type { QuotaLimits } from "../kernel/quotas.ts";
import type { Database } from "../storage/engine/database.ts";
import { tokenRepository } from "./repositories/tokens.repository.ts";
import { userRepository } from "./repositories/users.repository.ts";

/** What a tenant has of what is not an account. */
export interface UseOfDevices {
  countDevices(tenantId: string): Promise<number>;
  /** How many devices wait to be paired, and how many pairings were begun in the last hour. */
  pairings(tenantId: string): { readonly pairings: number; readonly pairingsPerHour: number };
}

/** What callers may have, and what they have of it. */
export class Quotas {
  readonly limits: QuotaLimits;
  readonly #database: Database;
  readonly #devices: UseOfDevices;

  constructor(limits: QuotaLimits, database: Database, devices: UseOfDevices) {
    this.limits = limits;
    this.#database = database;
    this.#devices = devices;
  }

  async of({ userId, tenantId }: Caller): Promise<QuotasOfCaller> {
    const { limits } = this;
    const [tokens, users, devices] = await Promise.all([
      tokenRepository(this.#database).count(userId, new Date()),
      userRepository(this.#database).count(tenantId),
      this.#devices.countDevices(tenantId),
    ]);
    const { pairings, pairingsPerHour } = this.#devices.pairings(tenantId);
    return {
      tokens: quota(tokens, limits.tokens),
      users: quota(users, limits.users),
      devices: quota(devices, limits.devices),
      pairings: quota(pairings, limits.pairings),
      pairings_per_hour: quota(pairingsPerHour, limits.pairingsPerHour),
    };
  }
}

function quota(used: number, limit: number): Quota {
  return { used, limit: limit === 0 ? null : limit };
}
