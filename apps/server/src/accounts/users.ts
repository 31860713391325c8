import type { CreatedUser, Me, NewUser, User, UserChanges } from "@wuts/contract";
import type { Kysely } from "kysely";
import type { Caller } from "../kernel/caller.ts";
import { Failure } from "../kernel/failures.ts";
import { requireRoom } from "../kernel/quotas.ts";
import { mayActAs } from "../kernel/roles.ts";
import type { Database } from "../storage/engine/database.ts";
import { deleteKeptResponses } from "../storage/idempotency/idempotency-keys.repository.ts";
import type { KeepResponse } from "../storage/idempotency/keep-response.ts";
import { cursorOf, type KeysetCursor, type Page, paginate } from "../storage/pagination/keyset-cursor.ts";
import type { Tables, UserRow } from "../storage/schema/tables.ts";
import { tokenView, userView } from "./account-views.ts";
import type { DeviceDecommissioning } from "./device-decommissioning.ts";
import type { Quotas } from "./quotas.ts";
import {
  type AuthorizedTransaction,
  auditWriter,
  withAuthorizedTransaction,
} from "./repositories/authorized-transaction.ts";
import { tenantRepository } from "./repositories/tenants.repository.ts";
import { tokenRepository } from "./repositories/tokens.repository.ts";
import { userRepository } from "./repositories/users.repository.ts";
import type { TokenCache } from "./token-cache.ts";
import { assertCanGrant, assertCanModify, type UserChange } from "./user-policy.ts";

/** The result of deleting a user. */
export interface UserDeletion {
  /** The number of devices deleted with the user. */
  readonly devices: number;
  /** The number of those devices whose unlinking WhatsApp confirmed. */
  readonly unlinked: number;
}

/** The name of the token that comes with a new user. */
export const firstTokenName = "First token";

/** The dependencies of `Users`. */
export interface UsersParts {
  readonly database: Database;
  readonly devices: DeviceDecommissioning;
  readonly tokens: TokenCache;
  readonly quotas: Quotas;
}

/** The users of a tenant, for a caller who belongs to it. */
export class Users {
  readonly #database: Database;
  readonly #devices: DeviceDecommissioning;
  readonly #tokens: TokenCache;
  readonly #quotas: Quotas;

  constructor({ database, devices, tokens, quotas }: UsersParts) {
    this.#database = database;
    this.#devices = devices;
    this.#tokens = tokens;
    this.#quotas = quotas;
  }

  /** @returns the caller, with the token that they sent @throws Failure Unauthorized when one of the two is gone meanwhile */
  async me(caller: Caller): Promise<Me> {
    const user = await userRepository(this.#database).find(caller.tenantId, caller.userId);
    const tenant = await tenantRepository(this.#database).find(caller.tenantId);
    const token = await tokenRepository(this.#database).findOwned(caller.userId, caller.tokenId);
    if (!user || !tenant || !token) throw new Failure("Unauthorized");
    return {
      user: userView(user),
      tenant: { id: tenant.id, name: tenant.name },
      token: tokenView(token),
      quotas: await this.#quotas.of(caller),
    };
  }

  async list(caller: Caller, limit: number, after: KeysetCursor | undefined): Promise<Page<User>> {
    const rows = await userRepository(this.#database).list(caller.tenantId, limit + 1, after);
    return paginate(rows, limit, userView, cursorOf);
  }

  /** Finds a user of the tenant; a caller with the role `user` finds only themselves. @throws Failure UserNotFound */
  async find(caller: Caller, userId: string): Promise<User> {
    const mayKnow = caller.role !== "user" || userId === caller.userId;
    const row = mayKnow ? await userRepository(this.#database).find(caller.tenantId, userId) : undefined;
    if (!row) throw new Failure("UserNotFound");
    return userView(row);
  }

  /** Makes a user with a first token. @throws Failure Forbidden, EmailTaken, QuotaReached */
  async create(caller: Caller, user: NewUser, keep: KeepResponse): Promise<CreatedUser> {
    return this.#change(caller, async ({ transaction, caller: { tenantId, role }, record }) => {
      assertCanGrant({ role }, user.role);
      await this.#requireRoom(transaction, tenantId);
      const row = await userRepository(transaction).create({
        tenantId,
        role: user.role,
        email: user.email,
      });
      if (row === "email_taken") throw new Failure("EmailTaken");
      const { token, row: tokenRow } = await tokenRepository(transaction).create(row.id, {
        name: firstTokenName,
      });
      await record({
        action: "user.created",
        target: { type: "user", id: row.id },
        details: { role: row.role },
      });
      await record({
        action: "token.created",
        target: { type: "token", id: tokenRow.id },
        details: { user_id: row.id, name: firstTokenName },
      });
      const created = { user: userView(row), token };
      await keep(transaction, created);
      return created;
    });
  }

  async #requireRoom(database: Kysely<Tables>, tenantId: string): Promise<void> {
    const there = await userRepository(database).count(tenantId);
    requireRoom("your tenant has", "users", there, this.#quotas.limits.users);
  }

  /** Changes a user's role, and whether their tokens work. @throws Failure UserNotFound, Forbidden, LastAdmin */
  async update(caller: Caller, userId: string, changes: UserChanges): Promise<User> {
    return this.#change(caller, async (change) => {
      const target = await mayChange(change, userId, changes);
      return userView(await apply(change, target, changes));
    });
  }

  /**
   * Removes a user with their tokens and devices, in one transaction; their devices are unlinked before, as far as
   * WhatsApp can be asked. Until then the user is disabled, so that no request of theirs adds anything.
   * @throws Failure UserNotFound, Forbidden, LastAdmin
   */
  async delete(caller: Caller, userId: string): Promise<UserDeletion> {
    await this.#change(caller, async (change) => {
      const target = await mayChange(change, userId, { delete: true });
      await userRepository(change.transaction).update(target.tenant_id, userId, { active: 0 });
    });
    return this.#devices.decommissionByUser(userId, (decommissioned) =>
      this.#database.transaction().execute(async (transaction) => {
        await tenantRepository(transaction).lock(caller.tenantId);
        const target = await userRepository(transaction).find(caller.tenantId, userId);
        if (!target) throw new Failure("UserNotFound");
        const record = auditWriter(transaction, caller.tenantId, caller);
        await userRepository(transaction).delete(userId);
        for (const { id, unlinked } of decommissioned) {
          const details = { user_id: userId, unlinked };
          await record({ action: "device.deleted", target: { type: "device", id }, details });
        }
        const unlinked = decommissioned.filter((device) => device.unlinked).length;
        const details = { role: target.role, devices: decommissioned.length };
        await record({ action: "user.deleted", target: { type: "user", id: userId }, details });
        return { devices: decommissioned.length, unlinked };
      }),
    );
  }

  /** Runs a change and makes it effective at once. */
  async #change<Result>(
    caller: Caller,
    work: (change: AuthorizedTransaction) => Promise<Result>,
  ): Promise<Result> {
    const result = await withAuthorizedTransaction(this.#database, caller, (change) => {
      // The caller had another role when the operation let them in.
      if (!mayActAs(change.caller.role, caller.role)) throw new Failure("Forbidden");
      return work(change);
    });
    this.#tokens.invalidate();
    return result;
  }
}

/** @returns the user that the caller may change in this way @throws Failure UserNotFound, Forbidden, LastAdmin */
async function mayChange(
  { transaction, caller }: AuthorizedTransaction,
  userId: string,
  intent: UserChange,
): Promise<UserRow> {
  const users = userRepository(transaction);
  const target = await users.find(caller.tenantId, userId);
  if (!target) throw new Failure("UserNotFound");
  const isActiveAdmin = target.role === "admin" && target.active === 1;
  const isLastAdmin = isActiveAdmin && !(await users.hasOtherActiveAdmin(caller.tenantId, userId));
  assertCanModify({ id: caller.userId, role: caller.role }, target, intent, isLastAdmin);
  return target;
}

/** Notes what was changed, and only that. */
async function apply(
  { transaction, record }: AuthorizedTransaction,
  target: UserRow,
  { role, active }: Pick<UserChange, "role" | "active">,
): Promise<UserRow> {
  const newRole = role === target.role ? undefined : role;
  const newActive = active === (target.active === 1) ? undefined : active;
  if (newRole === undefined && newActive === undefined) return target;
  const row = await userRepository(transaction).update(target.tenant_id, target.id, {
    ...(newRole !== undefined && { role: newRole }),
    ...(newActive !== undefined && { active: newActive ? 1 : 0 }),
  });
  if (!row) throw new Failure("UserNotFound");
  // What is kept for them may be of users whom they do not see any more.
  if (newRole !== undefined && !mayActAs(newRole, target.role))
    await deleteKeptResponses(transaction, target.id);
  await record({
    action: "user.updated",
    target: { type: "user", id: target.id },
    details: {
      ...(newRole !== undefined && { old_role: target.role, new_role: newRole }),
      ...(newActive !== undefined && { active: newActive }),
    },
  });
  return row;
}
