import type { Kysely } from "kysely";

/** Gives each device a pace of its own, if it is to have one. After a crash before it was noted this is done again. */
export async function up(database: Kysely<unknown>): Promise<void> {
  const tables = await database.introspection.getTables();
  const devices = tables.find(({ name }) => name === "devices");
  if (devices?.columns.some(({ name }) => name === "picture_pace_per_minute")) return;
  await database.schema.alterTable("devices").addColumn("picture_pace_per_minute", "integer").execute();
}
