import type { Kysely } from "kysely";

/** Requests with an `Idempotency-Key`, and the answers that are kept for when they are sent again. */
export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable("idempotency_keys")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("token_id", "text", (column) => column.references("tokens.id").onDelete("cascade"))
    .addColumn("tenant_id", "text", (column) => column.references("tenants.id").onDelete("cascade"))
    .addColumn("server_id", "text", (column) => column.notNull())
    .addColumn("attempt_id", "text", (column) => column.notNull())
    .addColumn("sealed", "text", (column) => column.notNull())
    .addColumn("key_id", "text", (column) => column.notNull())
    .addColumn("kept_until", "text")
    .execute();
  for (const [name, columns] of [
    ["idempotency_keys_of_owner", ["owner", "kept_until"]],
    ["idempotency_keys_of_token", ["token_id"]],
    ["idempotency_keys_of_tenant", ["tenant_id"]],
    ["idempotency_keys_by_end", ["kept_until"]],
  ] as const) {
    await schema
      .createIndex(name)
      .ifNotExists()
      .on("idempotency_keys")
      .columns([...columns])
      .execute();
  }
}
