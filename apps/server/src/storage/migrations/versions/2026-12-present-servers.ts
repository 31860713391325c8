import type { Kysely } from "kysely";

/** Which servers run on the database, and with which keys. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("servers")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .execute();
}
