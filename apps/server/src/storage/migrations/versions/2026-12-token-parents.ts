import type { Kysely, Transaction } from "kysely";

/**
 * Remembers with which token a token or a sign-in code was made, and who signed in as somebody else. Tokens and codes that are there
 * have no parent: they stay as they are. SQLite's migrations run in no transaction: after a crash this is done again, as a whole
 * or not at all.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  const tables = await database.introspection.getTables();
  const tokens = tables.find(({ name }) => name === "tokens");
  if (tokens?.columns.some(({ name }) => name === "parent_id")) return;
  if (database.isTransaction) await addColumns(database);
  else await database.transaction().execute(addColumns);
}

async function addColumns({ schema }: Kysely<unknown> | Transaction<unknown>): Promise<void> {
  // Neither refers to its table: a parent that is gone must not look like none, and SQLite bounds how far a deletion cascades.
  for (const [table, columns] of [
    ["tokens", ["parent_id", "signed_in_by"]],
    ["sign_in_codes", ["parent_id"]],
    ["audit", ["actor_signed_in_by", "actor_token_id"]],
  ] as const) {
    for (const column of columns) await schema.alterTable(table).addColumn(column, "text").execute();
  }
  for (const table of ["tokens", "sign_in_codes"]) {
    await schema.createIndex(`${table}_of_parent`).on(table).column("parent_id").execute();
  }
  await schema
    .createIndex("audit_by_signed_in")
    .on("audit")
    .columns(["tenant_id", "actor_signed_in_by", "at", "id"])
    .execute();
}
