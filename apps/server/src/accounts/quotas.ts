import type { Quota, Quotas as QuotasOfCaller } from "@wuts/contract";
import type { Caller } from "../kernel/caller.ts";
import type { QuotaLimits } from "../kernel/quotas.ts";
import { devicesIn } from "../sessions/devices.repository.ts";
import type { PairingQuotas } from "../sessions/pairing/pairing-quotas.ts";
import type { Database } from "../storage/engine/database.ts";
import { tokensIn } from "./repositories/tokens.repository.ts";
import { usersIn } from "./repositories/users.repository.ts";

/** What callers may have, and what they have of it. */
export class Quotas {
  readonly limits: QuotaLimits;
  readonly #database: Database;
  readonly #pairings: PairingQuotas;

  constructor(limits: QuotaLimits, database: Database, pairings: PairingQuotas) {
    this.limits = limits;
    this.#database = database;
    this.#pairings = pairings;
  }

  async of({ userId, tenantId }: Caller): Promise<QuotasOfCaller> {
    const { limits } = this;
    const [tokens, users, devices] = await Promise.all([
      tokensIn(this.#database).count(userId, new Date()),
      usersIn(this.#database).count(tenantId),
      devicesIn(this.#database).countInTenant(tenantId),
    ]);
    const { pairings, pairingsPerHour } = this.#pairings.used(tenantId);
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
