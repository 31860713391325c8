import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Dialect, Kysely, type KyselyPlugin } from "kysely";
import { Migrator } from "kysely/migration";
import { SecretKeyError } from "../encryption/key-file.ts";
import type { KeyRing } from "../encryption/key-ring.ts";
import { rowsByKey } from "../encryption/rotation.ts";
import { migrationProvider } from "../migrations/migrations.ts";
import type { Tables } from "../schema/tables.ts";
import { BusyRetrySqliteDialect } from "./busy-retry-sqlite.ts";
import { openSqliteFile, walPath } from "./node-sqlite.ts";
import { makePrivateFile } from "./private-file.ts";
import { withUsableDatabase } from "./unusable-database.ts";

export type Database = Kysely<Tables>;

/** Where a database is. */
export interface DatabaseLocation {
  /** Of a PostgreSQL server; `undefined`: the embedded database of the data folder. */
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
}

/**
 * Opens the database and brings its tables up to date. The data folder is made if need be; only their owner may read the
 * folder and an embedded database in it, since they hold the credentials of devices.
 * @param keyRing what the credentials are encrypted with; its first key is made when nothing depends on another
 * @param onIdleError hears of connections to a database server that broke while they were not waited for
 * @throws SecretKeyError when a key is missing that something is encrypted with, DatabaseUnusable when a database server is
 * not there or does not let this one in; else what the file system, the database or a migration says
 */
export function openDatabase(
  place: DatabaseLocation,
  keyRing: KeyRing,
  onIdleError?: (error: Error) => void,
): Promise<Database> {
  return withUsableDatabase(place.databaseUrl, () => open(place, keyRing, onIdleError));
}

/**
 * Opens a separate connection pool to the same database for work that must not wait behind requests: lease renewals, token
 * checks and the write probe. An embedded database has one connection, on which no work waits for long.
 */
export async function openUrgently(
  { databaseUrl }: DatabaseLocation,
  database: Database,
  onIdleError?: (error: Error) => void,
): Promise<Database> {
  if (databaseUrl === undefined) return database;
  const { emptyLists, postgresDialect } = await import("./postgres.ts");
  const dialect = postgresDialect(databaseUrl, { onIdleError, connections: 2 });
  return new Kysely<Tables>({ dialect, plugins: [emptyLists] });
}

async function open(
  { databaseUrl, dataDir }: DatabaseLocation,
  keyRing: KeyRing,
  onIdleError?: (error: Error) => void,
): Promise<Database> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { dialect, plugins, migrationPlugins } = await dialectFor({ databaseUrl, dataDir }, onIdleError);
  const database = new Kysely<Tables>({ dialect, plugins });
  try {
    const db = migrationPlugins.reduce<Database>((made, plugin) => made.withPlugin(plugin), database);
    const { error } = await new Migrator({ db, provider: migrationProvider(keyRing) }).migrateToLatest();
    if (error) throw new Error("the database could not be brought up to date", { cause: error });
    await refuseMissingKeys(database, keyRing);
    keyRing.keys();
    return database;
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

/** Loads the code for a database server only when there is one. */
async function dialectFor(
  { databaseUrl, dataDir }: DatabaseLocation,
  onIdleError?: (error: Error) => void,
): Promise<{
  readonly dialect: Dialect;
  readonly plugins: KyselyPlugin[];
  readonly migrationPlugins: readonly KyselyPlugin[];
}> {
  if (databaseUrl === undefined)
    return { dialect: embeddedDialect(databasePath(dataDir)), plugins: [], migrationPlugins: [] };
  const { emptyLists, postgresDialect, TextByBytes } = await import("./postgres.ts");
  return {
    dialect: postgresDialect(databaseUrl, { onIdleError }),
    plugins: [emptyLists],
    migrationPlugins: [new TextByBytes()],
  };
}

function embeddedDialect(path: string): Dialect {
  // The folder may have been there before, open to others. SQLite gives its side files the mode of the file.
  makePrivateFile(path);
  return new BusyRetrySqliteDialect(openSqliteFile(path));
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

async function refuseMissingKeys(database: Database, keyRing: KeyRing): Promise<void> {
  for (const keyId of (await rowsByKey(database)).keys()) {
    if (keyRing.find(keyId)) continue;
    throw new SecretKeyError(
      `The database holds credentials under the key ${keyId}, which is not in ${keyRing.source}: put it back.`,
    );
  }
}
