import { existsSync, statSync } from "node:fs";
import { type Dialect, Kysely, SqliteDialect, sql } from "kysely";
import { DEFAULT_MIGRATION_TABLE } from "kysely/migration";
import type { KeyRing } from "../encryption/key-ring.ts";
import { rowsByKey, sealedTables } from "../encryption/rotation.ts";
import { migrationNames } from "../migrations/migrations.ts";
import type { Tables } from "../schema/tables.ts";
import { type DatabaseLocation, databasePath } from "./database.ts";
import { isPostgres } from "./dialect.ts";
import { readSqliteFile, walPath } from "./node-sqlite.ts";
import { keysOfServers } from "./servers.ts";
import { withUsableDatabase } from "./unusable-database.ts";

/** The result of an inspection of a database. */
export interface Inspection {
  /** The damage that SQLite finds in its file, one line each; the other fields are known only when there is none. */
  readonly damage: readonly string[];
  /** Migrations that the next start of a server makes, by name. */
  readonly pending: readonly string[];
  /** Migrations that this server does not know: a later version has made them. */
  readonly unknown: readonly string[];
  /** The ids of keys that something is encrypted with, and that are not in the key ring. */
  readonly missingKeys: readonly string[];
  /** The ids of keys that servers on it encrypt with, and that are not in the key ring: beside them none starts without. */
  readonly missingKeysOfServers: readonly string[];
}

/**
 * @returns whether there is a database to work on: a file of one, or tables that a server has made
 * @throws DatabaseUnusable when a database server is not there or does not let this one in
 */
export async function isDatabaseThere({ databaseUrl, dataDir }: DatabaseLocation): Promise<boolean> {
  if (databaseUrl === undefined) return existsSync(databasePath(dataDir));
  const { postgresDialect } = await import("./postgres.ts");
  const database = new Kysely<Tables>({ dialect: postgresDialect(databaseUrl) });
  try {
    const made = await withUsableDatabase(databaseUrl, () => migrationsMade(database));
    return made.length > 0;
  } finally {
    await database.destroy();
  }
}

/**
 * Looks into a database. It changes nothing, brings nothing up to date, and servers may run on it.
 * @param keyRing `undefined` when the keys cannot be used: then none is missed
 * @returns `undefined` when there is no database, or nothing in it
 * @throws DatabaseUnusable when a database server is not there or does not let this one in; else what the file system says,
 * or the database when it cannot read now
 */
export async function inspectDatabase(
  { databaseUrl, dataDir }: DatabaseLocation,
  keyRing: KeyRing | undefined,
): Promise<Inspection | undefined> {
  if (databaseUrl !== undefined) {
    const { postgresDialect } = await import("./postgres.ts");
    const inspection = await withUsableDatabase(databaseUrl, () =>
      inspect(postgresDialect(databaseUrl), keyRing),
    );
    return inspection.pending.length === (await migrationNames()).length ? undefined : inspection;
  }
  const path = databasePath(dataDir);
  if (!statSync(path, { throwIfNoEntry: false })) return undefined;
  const closed = !existsSync(walPath(path));
  const inspection = await inspectFile(path, keyRing);
  // Another process has opened the file meanwhile, and may have written to it while this one read it as immutable.
  return closed && existsSync(walPath(path)) ? inspectFile(path, keyRing) : inspection;
}

function inspectFile(path: string, keyRing: KeyRing | undefined): Promise<Inspection> {
  return inspect(new SqliteDialect({ database: async () => readSqliteFile(path) }), keyRing);
}

async function inspect(dialect: Dialect, keyRing: KeyRing | undefined): Promise<Inspection> {
  const nothing = { damage: [], pending: [], unknown: [], missingKeys: [], missingKeysOfServers: [] };
  const database = new Kysely<Tables>({ dialect });
  try {
    // A database server looks after its files itself.
    const damage = isPostgres(database) ? [] : await damageOf(database);
    if (damage.length > 0) return { ...nothing, damage };
    const [known, made] = [await migrationNames(), await migrationsMade(database)];
    const pending = known.filter((name) => !made.includes(name));
    const unknown = made.filter((name) => !known.includes(name));
    const tables = await database.introspection.getTables();
    // Earlier versions have fewer of them, or had them in plain text.
    const sealed = sealedTables.filter((name) =>
      tables.find((table) => table.name === name)?.columns.some((column) => column.name === "key_id"),
    );
    const keyIds = keyRing ? [...(await rowsByKey(database, sealed)).keys()] : [];
    // Values that are still in plain text have an empty key id.
    const missingKeys = keyIds.filter((keyId) => keyId !== "" && !keyRing?.find(keyId));
    const isShared = tables.some(({ name }) => name === "servers");
    const missingKeysOfServers =
      keyRing && isShared ? (await keysOfServers(database)).filter((keyId) => !keyRing.find(keyId)) : [];
    return { damage, pending, unknown, missingKeys, missingKeysOfServers };
  } finally {
    await database.destroy();
  }
}

async function damageOf(database: Kysely<Tables>): Promise<string[]> {
  try {
    const { rows } = await sql<{ quick_check: string }>`pragma quick_check(10)`.execute(database);
    const lines = rows.flatMap(({ quick_check }) => quick_check.split("\n"));
    return lines.filter((line) => line !== "ok" && !line.startsWith("***"));
  } catch (error) {
    if (error instanceof Error && "errcode" in error && damageCodes.has(error.errcode))
      return [error.message];
    throw error;
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB, https://www.sqlite.org/rescode.html */
const damageCodes = new Set<unknown>([11, 26]);

async function migrationsMade(database: Kysely<Tables>): Promise<string[]> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return [];
  const { rows } = await sql<{
    name: string;
  }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(database);
  return rows.map(({ name }) => name);
}
