import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { Role } from "../../kernel/roles.ts";
import { afterCursor, type KeysetCursor } from "../../storage/pagination/keyset-cursor.ts";
import type { Tables, UserRow } from "../../storage/schema/tables.ts";
import { tenantRepository } from "./tenants.repository.ts";
import { tokenRepository } from "./tokens.repository.ts";

export interface NewUser {
  readonly tenantId: string;
  readonly role: Role;
  readonly email: string | null;
  readonly active?: boolean;
}

export type UserChanges = Partial<Pick<UserRow, "role" | "active">>;

export interface UserRepository {
  /** @returns the new user, or `email_taken` when another user of the tenant has this e-mail address, in any case */
  create(user: NewUser): Promise<UserRow | "email_taken">;
  /** @returns the user, if this tenant has it */
  find(tenantId: string, id: string): Promise<UserRow | undefined>;
  /** @returns the user, of whatever tenant, unless they are disabled */
  findActive(id: string): Promise<UserRow | undefined>;
  /** @returns the id of the tenant that a user is in, disabled or not */
  tenantOf(id: string): Promise<string | undefined>;
  /** @returns at most `limit` users of this tenant, oldest first */
  list(tenantId: string, limit: number, after?: KeysetCursor): Promise<UserRow[]>;
  /**
   * Changes a user of this tenant.
   * @returns the user as it is now, `undefined` when the tenant has no such user
   */
  update(tenantId: string, id: string, changes: UserChanges): Promise<UserRow | undefined>;
  /** Disables all users of the tenant. */
  disableAll(tenantId: string): Promise<void>;
  /** @returns how many users the tenant has */
  count(tenantId: string): Promise<number>;
  /** Removes the user with their tokens, everything that ends with those tokens, and their devices. */
  delete(id: string): Promise<void>;
  /** @returns whether the tenant has an active admin beside this user */
  hasOtherActiveAdmin(tenantId: string, id: string): Promise<boolean>;
  /**
   * Creates the first tenant and its admin, unless any user exists.
   * @param token the admin's token, a UUID v4; none, unless given
   * @param printed whether it is shown on a terminal; not unless given
   * @returns whether they were created
   */
  bootstrap(token?: string, printed?: boolean): Promise<boolean>;
  /** @returns the oldest active admin; `undefined` as soon as any token exists */
  adminWhileNoTokenExists(): Promise<UserRow | undefined>;
}

/** @param database or, for all but `bootstrap`, a transaction on it */
export function userRepository(database: Kysely<Tables>): UserRepository {
  const find = (tenantId: string, id: string) =>
    database
      .selectFrom("users")
      .selectAll()
      .where("id", "=", id)
      .where("tenant_id", "=", tenantId)
      .executeTakeFirst();

  return {
    async create(user) {
      const now = new Date().toISOString();
      const row: UserRow = {
        id: randomUUID(),
        tenant_id: user.tenantId,
        role: user.role,
        email: user.email,
        active: (user.active ?? true) ? 1 : 0,
        created_at: now,
        updated_at: now,
      };
      const { numInsertedOrUpdatedRows } = await database
        .insertInto("users")
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 0n ? "email_taken" : row;
    },

    find,

    async tenantOf(id) {
      const row = await database
        .selectFrom("users")
        .select("tenant_id")
        .where("id", "=", id)
        .executeTakeFirst();
      return row?.tenant_id;
    },

    findActive: (id) =>
      database
        .selectFrom("users")
        .selectAll()
        .where("id", "=", id)
        .where("active", "=", 1)
        .executeTakeFirst(),

    list(tenantId, limit, after) {
      let query = database.selectFrom("users").selectAll().where("tenant_id", "=", tenantId);
      if (after) query = query.where(afterCursor(after));
      return query.orderBy("created_at").orderBy("id").limit(limit).execute();
    },

    async update(tenantId, id, changes) {
      await database
        .updateTable("users")
        .set({ ...changes, updated_at: new Date().toISOString() })
        .where("id", "=", id)
        .where("tenant_id", "=", tenantId)
        .execute();
      return find(tenantId, id);
    },

    async disableAll(tenantId) {
      await database.updateTable("users").set({ active: 0 }).where("tenant_id", "=", tenantId).execute();
    },

    async count(tenantId) {
      const { users } = await database
        .selectFrom("users")
        .select(({ fn }) => fn.countAll().as("users"))
        .where("tenant_id", "=", tenantId)
        .executeTakeFirstOrThrow();
      return Number(users);
    },

    async delete(id) {
      // Tokens of other users that end with these are deleted as well.
      await tokenRepository(database).deleteAllOwned(id);
      await database.deleteFrom("users").where("id", "=", id).execute();
    },

    async hasOtherActiveAdmin(tenantId, id) {
      const other = await database
        .selectFrom("users")
        .select("id")
        .where("tenant_id", "=", tenantId)
        .where("role", "=", "admin")
        .where("active", "=", 1)
        .where("id", "!=", id)
        .limit(1)
        .executeTakeFirst();
      return other !== undefined;
    },

    bootstrap: (token, printed = false) =>
      database.transaction().execute(async (transaction) => {
        const someone = () => transaction.selectFrom("users").select("id").limit(1).executeTakeFirst();
        if (await someone()) return false;
        const tenant = await tenantRepository(transaction).create("First tenant");
        // Another server that starts at the same time has created the tenant.
        if (tenant === "name_taken" && (await someone())) return false;
        // A tenant of this name without users: the start that created it was cut short by hand.
        if (tenant === "name_taken") throw new Error("the tenant First tenant has no user");
        const admin = await userRepository(transaction).create({
          tenantId: tenant.id,
          role: "admin",
          email: null,
        });
        if (admin === "email_taken") throw new Error("a user without an e-mail address cannot share it");
        if (token !== undefined)
          await tokenRepository(transaction).create(admin.id, { name: "bootstrap", token, printed });
        return true;
      }),

    async adminWhileNoTokenExists() {
      if (await database.selectFrom("tokens").select("id").limit(1).executeTakeFirst()) return undefined;
      return database
        .selectFrom("users")
        .selectAll()
        .where("role", "=", "admin")
        .where("active", "=", 1)
        .orderBy("created_at")
        .orderBy("id")
        .limit(1)
        .executeTakeFirst();
    },
  };
}
