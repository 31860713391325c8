import type { Quota, Quotas as QuotasOfCaller } from "@wuts/contract";
import type { Caller } from "../caller.ts";
import type { PairingQuotas } from "../devices/pairing-quotas.ts";
import type { QuotaLimits } from "../quotas.ts";
import type { Database } from "../storage/database.ts";
import { devicesIn } from "../storage/devices.ts";
import { tokensIn } from "../storage/tokens.ts";
import { usersIn } from "../storage/users.ts";

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
