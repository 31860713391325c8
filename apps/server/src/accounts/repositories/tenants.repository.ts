import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import { afterCursor, type KeysetCursor } from "../../storage/pagination/keyset-cursor.ts";
import type { Tables, TenantRow } from "../../storage/schema/tables.ts";

export interface TenantRepository {
  /** @returns the new tenant, or `name_taken` when another tenant has this name */
  create(name: string): Promise<TenantRow | "name_taken">;
  find(id: string): Promise<TenantRow | undefined>;
  /** @returns at most `limit` tenants, oldest first */
  list(limit: number, after?: KeysetCursor): Promise<TenantRow[]>;
  /**
   * Locks the accounts of a tenant until the transaction ends. Call it before reading accounts to decide about a write. Waits
   * while another transaction holds the lock.
   * @returns whether there is such a tenant
   */
  lock(id: string): Promise<boolean>;
  /** Removes the tenant with its users, their tokens and devices, and its audit trail. */
  delete(id: string): Promise<void>;
}

/** @param database or a transaction on it */
export function tenantRepository(database: Kysely<Tables>): TenantRepository {
  return {
    async create(name) {
      const now = new Date().toISOString();
      const row: TenantRow = { id: randomUUID(), name, created_at: now, updated_at: now };
      const { numInsertedOrUpdatedRows } = await database
        .insertInto("tenants")
        .values(row)
        .onConflict((conflict) => conflict.column("name").doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 0n ? "name_taken" : row;
    },

    find: (id) => database.selectFrom("tenants").selectAll().where("id", "=", id).executeTakeFirst(),

    list(limit, after) {
      let query = database.selectFrom("tenants").selectAll();
      if (after) query = query.where(afterCursor(after));
      return query.orderBy("created_at").orderBy("id").limit(limit).execute();
    },

    async lock(id) {
      // A write that changes nothing: SQLite lets one transaction write at a time, others lock the row.
      const { numUpdatedRows } = await database
        .updateTable("tenants")
        .set(({ ref }) => ({ updated_at: ref("updated_at") }))
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      return numUpdatedRows > 0n;
    },

    async delete(id) {
      await database.deleteFrom("tenants").where("id", "=", id).execute();
    },
  };
}
