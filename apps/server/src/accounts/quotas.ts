import type { Quota, Quotas as QuotasOfCaller } from "@wuts/contract";
import type { Caller } from "../kernel/caller.ts";
import type { QuotaLimits } from "../kernel/quotas.ts";
import type { Database } from "../storage/engine/database.ts";
import { tokenRepository } from "./repositories/tokens.repository.ts";
import { userRepository } from "./repositories/users.repository.ts";

/** Usage figures of a tenant that other features count. */
export interface UseOfDevices {
  countDevices(tenantId: string): Promise<number>;
  /** The number of devices that wait to be paired, and of pairings begun in the last hour. */
  pairings(tenantId: string): { readonly pairings: number; readonly pairingsPerHour: number };
}

/** The quotas of callers, and their usage. */
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
