import type { Kysely } from "kysely";

/** Which server works with which device. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("device_leases")
    .ifNotExists()
    .addColumn("device_id", "text", (column) =>
      column.primaryKey().references("devices.id").onDelete("cascade"),
    )
    .addColumn("server_id", "text", (column) => column.notNull())
    .addColumn("fence", "integer", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("device_leases_of_server")
    .ifNotExists()
    .on("device_leases")
    .column("server_id")
    .execute();
}
