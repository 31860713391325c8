import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { Kysely, SqliteDialect, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { migrationProvider } from "./migrations.ts";
import { openSqliteFile } from "./node-sqlite.ts";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;

/**
 * Opens the embedded database of a data folder and brings its tables up to date. The folder is made if need be;
 * only their owner may read folder and file, since they hold the credentials of devices.
 * @throws what the file system, SQLite or a migration says
 */
export async function openDatabase(dataDir: string): Promise<Database> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, "wuts.sqlite");
  // The folder may have been there before, open to others. SQLite gives its side files the mode of the file.
  closeSync(openSync(path, "a", 0o600));
  const database = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: async () => openSqliteFile(path) }),
  });
  const { error } = await new Migrator({ db: database, provider: migrationProvider }).migrateToLatest();
  if (error) {
    await database.destroy();
    throw new Error("the database could not be brought up to date", { cause: error });
  }
  return database;
}

/** @returns whether the database answers a query */
export function isAnswering(database: Database): Promise<boolean> {
  return sql`select 1`.execute(database).then(
    () => true,
    () => false,
  );
}
