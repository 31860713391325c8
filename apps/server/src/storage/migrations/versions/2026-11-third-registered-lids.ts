import type { Kysely } from "kysely";

/** Remembers the LID of a registered number, too. After a crash before it was noted this is done again. */
export async function up(database: Kysely<unknown>): Promise<void> {
  const tables = await database.introspection.getTables();
  const registrations = tables.find(({ name }) => name === "registrations");
  if (registrations?.columns.some(({ name }) => name === "lid")) return;
  await database.schema.alterTable("registrations").addColumn("lid", "text").execute();
}
