import { type Kysely, sql, type Transaction } from "kysely";

/**
 * Remembers which tokens were shown on a terminal. Earlier versions made one token only, which they showed unless it was
 * given to them: what is not known is taken for shown. SQLite's migrations run in no transaction: after a crash this is done
 * again, as a whole or not at all.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  const tables = await database.introspection.getTables();
  const tokens = tables.find(({ name }) => name === "tokens");
  if (tokens?.columns.some(({ name }) => name === "printed")) return;
  if (database.isTransaction) await addColumn(database);
  else await database.transaction().execute(addColumn);
}

async function addColumn(database: Kysely<unknown> | Transaction<unknown>): Promise<void> {
  await database.schema
    .alterTable("tokens")
    .addColumn("printed", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`update tokens set printed = 1`.execute(database);
}
