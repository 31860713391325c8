import type { Kysely } from "kysely";

/** Tenants, users and their tokens; devices, what they log in with, and what they found out about numbers. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("tenants")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("users")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("tenant_id", "text", (column) => column.notNull().references("tenants.id").onDelete("cascade"))
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("tokens")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("devices")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull().references("users.id").onDelete("cascade"))
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("standing", "text", (column) => column.notNull())
    .addColumn("jid", "text")
    .addColumn("lid", "text")
    .addColumn("phone_number", "text")
    .addColumn("last_activity_at", "text")
    .addColumn("last_disconnect_reason", "text")
    .addColumn("last_disconnect_code", "integer")
    .addColumn("last_disconnect_at", "text")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("updated_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("devices_of_user")
    .on("devices")
    .columns(["user_id", "created_at", "id"])
    .execute();
  await db.schema
    .createTable("credentials")
    .addColumn("device_id", "text", (column) =>
      column.primaryKey().references("devices.id").onDelete("cascade"),
    )
    .addColumn("creds", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("signal_keys")
    .addColumn("device_id", "text", (column) => column.notNull().references("devices.id").onDelete("cascade"))
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("signal_keys_primary", ["device_id", "type", "id"])
    .execute();
  await db.schema
    .createTable("registrations")
    .addColumn("device_id", "text", (column) => column.notNull().references("devices.id").onDelete("cascade"))
    .addColumn("asked_jid", "text", (column) => column.notNull())
    .addColumn("jid", "text", (column) => column.notNull())
    .addColumn("checked_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("registrations_primary", ["device_id", "asked_jid"])
    .execute();
  await db.schema
    .createIndex("registrations_by_age")
    .on("registrations")
    .columns(["device_id", "checked_at"])
    .execute();
}
