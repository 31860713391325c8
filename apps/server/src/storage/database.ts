import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { Kysely, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { SecretKeyError } from "./key-file.ts";
import type { KeyRing } from "./key-ring.ts";
import { migrationProvider } from "./migrations.ts";
import { openSqliteFile, walPath } from "./node-sqlite.ts";
import { PatientSqliteDialect } from "./patient-sqlite.ts";
import { rowsByKey } from "./rotation.ts";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;

/**
 * Opens the embedded database of a data folder and brings its tables up to date. The folder is made if need be;
 * only their owner may read folder and file, since they hold the credentials of devices.
 * @param keyRing what the credentials are encrypted with; its first key is made when nothing depends on another
 * @throws SecretKeyError when a key is missing that something is encrypted with; else what the file system, SQLite or
 * a migration says
 */
export async function openDatabase(dataDir: string, keyRing: KeyRing): Promise<Database> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = databasePath(dataDir);
  // The folder may have been there before, open to others. SQLite gives its side files the mode of the file.
  closeSync(openSync(path, "a", 0o600));
  const database = new Kysely<Tables>({
    dialect: new PatientSqliteDialect({ database: async () => openSqliteFile(path) }),
  });
  try {
    const provider = migrationProvider(keyRing);
    const { error } = await new Migrator({ db: database, provider }).migrateToLatest();
    if (error) throw new Error("the database could not be brought up to date", { cause: error });
    await refuseMissingKeys(database, keyRing);
    keyRing.keys();
    return database;
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

/** @returns where the embedded database of a data folder is */
export function databasePath(dataDir: string): string {
  return join(dataDir, "wuts.sqlite");
}

/** @returns every file that the embedded database of a data folder may be in; the first one is the database itself */
export function databaseFiles(dataDir: string): string[] {
  const path = databasePath(dataDir);
  return [path, walPath(path), `${path}-shm`];
}

/** @returns whether the database answers a query */
export function isAnswering(database: Database): Promise<boolean> {
  return sql`select 1`.execute(database).then(
    () => true,
    () => false,
  );
}

async function refuseMissingKeys(database: Database, keyRing: KeyRing): Promise<void> {
  for (const keyId of (await rowsByKey(database)).keys()) {
    if (keyRing.find(keyId)) continue;
    throw new SecretKeyError(
      `The database holds credentials under the key ${keyId}, which is not in ${keyRing.source}: put it back.`,
    );
  }
}
