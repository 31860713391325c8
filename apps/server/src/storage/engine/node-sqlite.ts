import { existsSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { SqliteDatabase, SqliteStatement } from "kysely";

/** A SQLite file in the shape that Kysely's SQLite dialect takes. */
export interface SqliteFile extends SqliteDatabase {
  /**
   * Reads at once what SQLite counts the commits of other connections by.
   * @returns a number that differs from the one before when there was one; `undefined` while a transaction is open, which sees
   * none that came after its own beginning
   */
  dataVersion(): number | undefined;
}

/**
 * Opens a SQLite file through Node's own driver, in the shape that Kysely's SQLite dialect takes.
 *
 * Every commit is on the disk before it returns (`synchronous = FULL`): a WhatsApp key that is only in the page cache
 * when the machine dies is a device that has to be paired again. What is deleted or replaced is overwritten
 * (`secure_delete`): the keys of a device that was logged out do not stay in pages that are free.
 */
export function openSqliteFile(path: string): SqliteFile {
  // Others may open it in the same moment.
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("PRAGMA foreign_keys = ON");
  database.exec("PRAGMA secure_delete = ON");
  // From here on the dialect waits for locks, see busy-retry-sqlite.ts.
  database.exec("PRAGMA busy_timeout = 0");
  return forKysely(database);
}

/**
 * Opens a SQLite file for reading, beside a process that may write to it, and leaves the folder as it is.
 * @throws SQLite's error when there is no such file
 */
export function readSqliteFile(path: string): SqliteFile {
  const url = pathToFileURL(path);
  // Without a write-ahead log, no process has the file open; reading it would create a log, and leave it behind.
  if (!existsSync(walPath(path))) url.searchParams.set("immutable", "1");
  return forKysely(new DatabaseSync(url, { readOnly: true, timeout: 5_000 }));
}

/**
 * @returns the path of a database's write-ahead log; it exists while a process has the database open, and after a crash
 */
export function walPath(path: string): string {
  return `${path}-wal`;
}

function forKysely(database: DatabaseSync): SqliteFile {
  const version = database.prepare("PRAGMA data_version");
  const prepared = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const known = prepared.get(sql);
      if (known) return known;
      const statement = asKyselyStatement(database.prepare(sql));
      // Inserts of many rows differ in their number of rows; such statements must not pile up.
      if (prepared.size < maxPreparedStatements) prepared.set(sql, statement);
      return statement;
    },
    dataVersion: () => (database.isTransaction ? undefined : Number(version.get()?.data_version)),
  };
}

const maxPreparedStatements = 200;

function asKyselyStatement(statement: StatementSync): SqliteStatement {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...sqlValues(parameters)),
    run: (parameters) => statement.run(...sqlValues(parameters)),
    iterate: (parameters) => statement.iterate(...sqlValues(parameters)),
  };
}

function sqlValues(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    if (
      value === null ||
      typeof value === "string" ||
      typeof value === "number" ||
      typeof value === "bigint"
    ) {
      return value;
    }
    if (value instanceof Uint8Array) return value;
    throw new TypeError(`a value of type ${typeof value} cannot be stored`);
  });
}
