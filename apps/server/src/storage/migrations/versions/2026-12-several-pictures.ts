import { type Kysely, sql } from "kysely";
import { isPostgres } from "../../engine/dialect.ts";

/**
 * Says of each picture in which folder its bytes are. An embedded database has one, which is beside it and has no id; of the
 * pictures that several servers have kept until now nobody knows, so they are fetched again.
 *
 * SQLite's migrations run in no transaction, PostgreSQL's do.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (!db.isTransaction) return db.transaction().execute(up);
  const tables = await db.introspection.getTables();
  const columns = tables.find(({ name }) => name === "kept_pictures")?.columns ?? [];
  if (columns.some(({ name }) => name === "folder_id")) return;
  await db.schema.dropIndex("kept_pictures_by_use").execute();
  await db.schema.dropIndex("kept_pictures_by_hash").execute();
  await db.schema
    .createTable("kept_pictures_by_folder")
    .addColumn("folder_id", "text", (column) => column.notNull())
    .addColumn("device_id", "text", (column) => column.notNull().references("devices.id").onDelete("cascade"))
    .addColumn("account_jid", "text", (column) => column.notNull())
    .addColumn("jid", "text", (column) => column.notNull())
    .addColumn("picture_id", "text", (column) => column.notNull())
    .addColumn("picture_size", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("bytes", "integer", (column) => column.notNull())
    .addColumn("used_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("kept_pictures_by_folder_primary", [
      "folder_id",
      "device_id",
      "account_jid",
      "jid",
      "picture_id",
      "picture_size",
    ])
    .execute();
  if (!isPostgres(db))
    await sql`insert into kept_pictures_by_folder select '', * from kept_pictures`.execute(db);
  await db.schema.dropTable("kept_pictures").execute();
  await db.schema.alterTable("kept_pictures_by_folder").renameTo("kept_pictures").execute();
  await db.schema
    .createIndex("kept_pictures_by_use")
    .on("kept_pictures")
    .columns(["folder_id", "used_at"])
    .execute();
  await db.schema
    .createIndex("kept_pictures_by_hash")
    .on("kept_pictures")
    .columns(["folder_id", "hash"])
    .execute();
  // A device that goes takes its own along.
  await db.schema.createIndex("kept_pictures_of_device").on("kept_pictures").column("device_id").execute();
}
