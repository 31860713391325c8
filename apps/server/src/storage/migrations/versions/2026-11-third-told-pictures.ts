import type { Kysely } from "kysely";

/** What WhatsApp said of pictures. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("picture_answers")
    .ifNotExists()
    .addColumn("device_id", "text", (column) => column.notNull().references("devices.id").onDelete("cascade"))
    .addColumn("asked_jid", "text", (column) => column.notNull())
    .addColumn("picture_size", "text", (column) => column.notNull())
    .addColumn("outcome", "text", (column) => column.notNull())
    .addColumn("jid", "text", (column) => column.notNull())
    .addColumn("picture_id", "text")
    .addColumn("found_size", "text")
    .addColumn("url", "text")
    .addColumn("direct_path", "text")
    .addColumn("expires_at", "text")
    .addColumn("told_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("picture_answers_primary", ["device_id", "asked_jid", "picture_size"])
    .execute();
  await db.schema
    .createIndex("picture_answers_by_jid")
    .ifNotExists()
    .on("picture_answers")
    .columns(["device_id", "jid"])
    .execute();
  await db.schema
    .createIndex("picture_answers_by_age")
    .ifNotExists()
    .on("picture_answers")
    .columns(["device_id", "told_at"])
    .execute();
}
