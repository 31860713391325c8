import { type Kysely, sql, type Transaction } from "kysely";

/** What this migration writes to; its columns are there before anything is written. */
type TablesThen = {
  tenants: { created_at: string; updated_at: string };
  users: { created_at: string; updated_at: string };
};

/**
 * Tenants and users that can be told apart and changed, tokens that have names and end, and the audit trail. What is
 * there stays valid: users are active, tokens do not expire, and the only token that earlier versions made is the first
 * admin's. SQLite's migrations run in no transaction: after a crash this is done again, as a whole or not at all.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const database = db.withTables<TablesThen>();
  const tables = await database.introspection.getTables();
  if (tables.some(({ name }) => name === "audit")) return;
  if (database.isTransaction) await addAll(database);
  else await database.transaction().execute(addAll);
}

async function addAll(database: Kysely<TablesThen> | Transaction<TablesThen>): Promise<void> {
  const { schema } = database;
  for (const table of ["tenants", "users"] as const) {
    await schema
      .alterTable(table)
      .addColumn("updated_at", "text", (column) => column.notNull().defaultTo(""))
      .execute();
    await database
      .updateTable(table)
      .set(({ ref }) => ({ updated_at: ref("created_at") }))
      .execute();
  }
  await schema.createIndex("tenants_by_name").unique().on("tenants").column("name").execute();
  await schema.createIndex("tenants_by_age").on("tenants").columns(["created_at", "id"]).execute();

  await schema.alterTable("users").addColumn("email", "text").execute();
  await schema.alterTable("users").addColumn("password_hash", "text").execute();
  await schema
    .alterTable("users")
    .addColumn("active", "integer", (column) => column.notNull().defaultTo(1))
    .execute();
  await schema.alterTable("users").addColumn("webhook_url", "text").execute();
  await schema
    .createIndex("users_by_email")
    .unique()
    .on("users")
    .expression(sql`tenant_id, lower(email)`)
    .execute();
  await schema
    .createIndex("users_of_tenant")
    .on("users")
    .columns(["tenant_id", "created_at", "id"])
    .execute();

  await schema
    .alterTable("tokens")
    .addColumn("name", "text", (column) => column.notNull().defaultTo("bootstrap"))
    .execute();
  for (const column of ["first_characters", "expires_at", "last_used_at"]) {
    await schema.alterTable("tokens").addColumn(column, "text").execute();
  }
  await schema.createIndex("tokens_of_user").on("tokens").columns(["user_id", "created_at", "id"]).execute();

  await schema
    .createTable("audit")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("tenant_id", "text", (column) => column.notNull().references("tenants.id").onDelete("cascade"))
    .addColumn("at", "text", (column) => column.notNull())
    .addColumn("actor_kind", "text", (column) => column.notNull())
    .addColumn("actor_id", "text")
    .addColumn("action", "text", (column) => column.notNull())
    .addColumn("target_type", "text", (column) => column.notNull())
    .addColumn("target_id", "text", (column) => column.notNull())
    .addColumn("details", "text", (column) => column.notNull())
    .addColumn("request_id", "text")
    .execute();
  for (const [name, columns] of [
    ["audit_of_tenant", ["tenant_id", "at", "id"]],
    ["audit_by_actor", ["tenant_id", "actor_id", "at", "id"]],
    ["audit_by_target", ["tenant_id", "target_id", "at", "id"]],
    ["audit_by_age", ["at"]],
  ] as const) {
    await schema
      .createIndex(name)
      .on("audit")
      .columns([...columns])
      .execute();
  }
}
