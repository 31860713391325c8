import type { NewTenant, RegisteredTenant, Tenant } from "@wuts/contract";
import type { Logger } from "pino";
import type { MasterCaller } from "../kernel/caller.ts";
import { Failure } from "../kernel/failures.ts";
import type { Database } from "../storage/engine/database.ts";
import type { KeepResponse } from "../storage/idempotency/keep-response.ts";
import { cursorOf, type KeysetCursor, type Page, paginate } from "../storage/pagination/keyset-cursor.ts";
import { tenantView, userView } from "./account-views.ts";
import type { DeviceDecommissioning } from "./device-decommissioning.ts";
import { auditWriter } from "./repositories/authorized-transaction.ts";
import { tenantRepository } from "./repositories/tenants.repository.ts";
import { tokenRepository } from "./repositories/tokens.repository.ts";
import { userRepository } from "./repositories/users.repository.ts";
import type { TokenCache } from "./token-cache.ts";
import { firstTokenName } from "./users.ts";

/** The result of deleting a tenant. */
export interface TenantDeletion {
  readonly name: string;
  readonly at: Date;
  readonly users: number;
  readonly devices: number;
  /** The number of devices whose unlinking WhatsApp confirmed. */
  readonly unlinked: number;
}

/** The dependencies of `Tenants`. */
export interface TenantsParts {
  readonly database: Database;
  readonly devices: DeviceDecommissioning;
  readonly tokens: TokenCache;
  readonly log: Logger;
}

/** Manages all tenants of this server, for the holder of the master token. */
export class Tenants {
  readonly #database: Database;
  readonly #devices: DeviceDecommissioning;
  readonly #tokens: TokenCache;
  readonly #log: Logger;

  constructor({ database, devices, tokens, log }: TenantsParts) {
    this.#database = database;
    this.#devices = devices;
    this.#tokens = tokens;
    this.#log = log;
  }

  async list(limit: number, after: KeysetCursor | undefined): Promise<Page<Tenant>> {
    const rows = await tenantRepository(this.#database).list(limit + 1, after);
    return paginate(rows, limit, tenantView, cursorOf);
  }

  /** @throws Failure TenantNotFound */
  async find(id: string): Promise<Tenant> {
    const row = await tenantRepository(this.#database).find(id);
    if (!row) throw new Failure("TenantNotFound");
    return tenantView(row);
  }

  /** Makes a tenant with its first admin, and a token for them. @throws Failure TenantExists */
  async register(caller: MasterCaller, tenant: NewTenant, keep: KeepResponse): Promise<RegisteredTenant> {
    const registered = await this.#database.transaction().execute(async (transaction) => {
      const row = await tenantRepository(transaction).create(tenant.tenant_name);
      if (row === "name_taken") throw new Failure("TenantExists");
      const admin = await userRepository(transaction).create({
        tenantId: row.id,
        role: "admin",
        email: tenant.email,
      });
      if (admin === "email_taken") throw new Error("a tenant without users has a user with this address");
      const { token, row: tokenRow } = await tokenRepository(transaction).create(admin.id, {
        name: firstTokenName,
      });
      const record = auditWriter(transaction, row.id, caller);
      await record({
        action: "tenant.registered",
        target: { type: "tenant", id: row.id },
        details: { name: row.name },
      });
      await record({
        action: "user.created",
        target: { type: "user", id: admin.id },
        details: { role: admin.role },
      });
      await record({
        action: "token.created",
        target: { type: "token", id: tokenRow.id },
        details: { user_id: admin.id, name: firstTokenName },
      });
      const made = { tenant: tenantView(row), user: userView(admin), token };
      await keep(transaction, made, { tenantId: row.id });
      return made;
    });
    this.#tokens.invalidate();
    return registered;
  }

  /**
   * Removes a tenant with everything of it, in one transaction; its devices are unlinked before, as far as WhatsApp can be
   * asked. Until then its users are disabled, so that no request of theirs adds anything.
   * @throws Failure TenantNotFound
   */
  async delete(caller: MasterCaller, id: string): Promise<TenantDeletion> {
    await this.#database.transaction().execute(async (transaction) => {
      if (!(await tenantRepository(transaction).lock(id))) throw new Failure("TenantNotFound");
      await userRepository(transaction).disableAll(id);
    });
    this.#tokens.invalidate();
    const deletion = await this.#devices.decommissionByTenant(id, (decommissioned) =>
      this.#database.transaction().execute(async (transaction) => {
        await tenantRepository(transaction).lock(id);
        const row = await tenantRepository(transaction).find(id);
        if (!row) throw new Failure("TenantNotFound");
        const users = await userRepository(transaction).count(id);
        await tenantRepository(transaction).delete(id);
        const unlinked = decommissioned.filter((device) => device.unlinked).length;
        return { name: row.name, at: new Date(), users, devices: decommissioned.length, unlinked };
      }),
    );
    this.#tokens.invalidate();
    // Its audit trail is gone with it, so this is the only place that says so.
    this.#log.info(
      { tenant_id: id, users: deletion.users, devices: deletion.devices, request_id: caller.requestId },
      "a tenant was deleted",
    );
    return deletion;
  }
}
