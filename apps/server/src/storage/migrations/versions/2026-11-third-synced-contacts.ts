import type { Kysely } from "kysely";

/** The people that devices have heard of. */
export async function up(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable("contacts")
    .ifNotExists()
    .addColumn("device_id", "text", (column) => column.notNull().references("devices.id").onDelete("cascade"))
    .addColumn("jid", "text", (column) => column.notNull())
    .addColumn("lid", "text")
    .addColumn("phone_number", "text");
  for (const name of ["full_name", "first_name", "push_name", "business_name"] as const) {
    table = table.addColumn(name, "text").addColumn(`${name}_at`, "text");
  }
  await table
    .addColumn("search", "text", (column) => column.notNull())
    .addColumn("heard_at", "text", (column) => column.notNull())
    .addColumn("updated_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("contacts_primary", ["device_id", "jid"])
    .execute();
  await db.schema
    .createIndex("contacts_by_lid")
    .ifNotExists()
    .unique()
    .on("contacts")
    .columns(["device_id", "lid"])
    .execute();
  await db.schema
    .createIndex("contacts_by_age")
    .ifNotExists()
    .on("contacts")
    .columns(["device_id", "heard_at"])
    .execute();
}
