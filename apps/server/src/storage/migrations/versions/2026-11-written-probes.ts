import type { Kysely } from "kysely";

/** Where each server writes to find out whether it still can. After a crash before it was noted this is done again. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable("probes")
    .ifNotExists()
    .addColumn("server_id", "text", (column) => column.primaryKey())
    .addColumn("written_at", "text", (column) => column.notNull())
    .execute();
}
