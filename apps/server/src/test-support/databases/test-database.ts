import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describeUnless } from "@wuts/testing/needs";
import pg from "pg";
import type { DatabaseLocation } from "../../storage/engine/database.ts";

/** What a statement takes in place of its question marks. */
export type Parameter = string | number | null;

/** The database of a test, for access behind the server's back. */
export interface TestDatabase {
  readonly place: DatabaseLocation;
  /** Runs a statement; on SQLite before this returns. @returns the rows that it answers */
  rows(sql: string, ...parameters: Parameter[]): Promise<unknown[]>;
  /** Keeps servers from writing what concerns devices. @returns what lets them again */
  lock(): Promise<() => Promise<void>>;
  /** Takes it away, if the data folder does not do so. */
  remove(): Promise<void>;
}

/** The server on which tests make databases; `undefined`: they use SQLite. */
const serverUrl = process.env.WUTS_TEST_DATABASE_URL || undefined;

/** For tests that are about SQLite. */
export const onlySqlite = { skip: serverUrl !== undefined };

/** `describe` for tests that are about PostgreSQL. */
export function describeOnPostgres(title: string, suite: () => void): void {
  const missing = "no PostgreSQL; install it (apt-get install postgresql), and run `npm run test:postgres`";
  describeUnless(serverUrl === undefined ? missing : undefined, title, suite);
}

/** A new, empty database: on the server of `WUTS_TEST_DATABASE_URL`, else in the data folder. */
export async function makeTestDatabase(dataDir: string): Promise<TestDatabase> {
  return serverUrl === undefined ? sqliteIn(dataDir) : postgresOn(serverUrl, dataDir);
}

/** The embedded database of a data folder. */
export function sqliteIn(dataDir: string): TestDatabase {
  return {
    place: { dataDir },
    async rows(sql, ...parameters) {
      const database = new DatabaseSync(join(dataDir, "wuts.sqlite"), { timeout: 5_000 });
      try {
        return database.prepare(sql).all(...parameters);
      } finally {
        database.close();
      }
    },
    async lock() {
      const database = new DatabaseSync(join(dataDir, "wuts.sqlite"), { timeout: 5_000 });
      database.exec("begin immediate");
      return async () => database.close();
    },
    remove: async () => undefined,
  };
}

async function postgresOn(server: string, dataDir: string): Promise<TestDatabase> {
  const name = `wuts_test_${randomUUID().replaceAll("-", "")}`;
  await ask(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    place: { dataDir, databaseUrl: url.href },
    rows(sql, ...parameters) {
      let count = 0;
      return ask(
        url.href,
        sql.replace(/\?/g, () => `$${++count}`),
        parameters,
      );
    },
    async lock() {
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      await client.query("begin");
      await client.query("lock table device_leases, devices, credentials, signal_keys in share mode");
      return () => client.end();
    },
    async remove() {
      await ask(server, `drop database ${name} with (force)`);
    },
  };
}

/**
 * Ends all connections to a database of `makeTestDatabase` and refuses further ones.
 * @returns what lets it be reached again
 */
export async function takeAwayPostgres({ place }: TestDatabase): Promise<() => Promise<unknown>> {
  assert.ok(serverUrl !== undefined && place.databaseUrl !== undefined);
  const [server, name] = [serverUrl, new URL(place.databaseUrl).pathname.slice(1)];
  await ask(server, `alter database ${name} allow_connections false`);
  await ask(server, "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [name]);
  return () => ask(server, `alter database ${name} allow_connections true`);
}

async function ask(url: string, sql: string, parameters: Parameter[] = []): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, types: { getTypeParser } });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, parameters)).rows;
  } finally {
    await client.end();
  }
}

/** As SQLite has them, counts are numbers. */
function getTypeParser(...[oid, format]: Parameters<typeof pg.types.getTypeParser>) {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format);
}
