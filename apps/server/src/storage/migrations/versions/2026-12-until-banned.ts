import type { Kysely } from "kysely";

/** Remembers until when WhatsApp has banned a device's account. After a crash before it was noted this is done again. */
export async function up(database: Kysely<unknown>): Promise<void> {
  const tables = await database.introspection.getTables();
  const devices = tables.find(({ name }) => name === "devices");
  if (devices?.columns.some(({ name }) => name === "banned_until")) return;
  await database.schema.alterTable("devices").addColumn("banned_until", "text").execute();
}
