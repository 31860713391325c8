import type { Kysely } from "kysely";

/**
 * Forgets what was stored of users and never read: the hashes of their passwords, and the URLs of their webhooks. SQLite's
 * migrations run in no transaction: after a crash this removes what is left.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  const tables = await database.introspection.getTables();
  const columns = tables.find(({ name }) => name === "users")?.columns ?? [];
  for (const column of ["password_hash", "webhook_url"]) {
    if (!columns.some(({ name }) => name === column)) continue;
    await database.schema.alterTable("users").dropColumn(column).execute();
  }
}
