import type { Kysely } from "kysely";

/** Which bytes of pictures are kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("kept_pictures")
    .ifNotExists()
    .addColumn("device_id", "text", (column) => column.notNull().references("devices.id").onDelete("cascade"))
    .addColumn("account_jid", "text", (column) => column.notNull())
    .addColumn("jid", "text", (column) => column.notNull())
    .addColumn("picture_id", "text", (column) => column.notNull())
    .addColumn("picture_size", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("bytes", "integer", (column) => column.notNull())
    .addColumn("used_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("kept_pictures_primary", [
      "device_id",
      "account_jid",
      "jid",
      "picture_id",
      "picture_size",
    ])
    .execute();
  await db.schema
    .createIndex("kept_pictures_by_use")
    .ifNotExists()
    .on("kept_pictures")
    .column("used_at")
    .execute();
  await db.schema
    .createIndex("kept_pictures_by_hash")
    .ifNotExists()
    .on("kept_pictures")
    .column("hash")
    .execute();
}
