import { setTimeout } from "node:timers/promises";
import {
  type CompiledQuery,
  type DatabaseConnection,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from "kysely";
import type { SqliteFile } from "./node-sqlite.ts";
import { namesUnavailable } from "./unavailable.ts";

/**
 * SQLite dialect that retries while the database is locked, and does not block the event loop meanwhile. While another process
 * holds the write lock, SQLite's own busy handler would block this process, and with it every device and every request. Here a
 * statement that finds the database locked waits between two attempts, and all other work goes on.
 */
export class BusyRetrySqliteDialect extends SqliteDialect {
  readonly #database: SqliteFile;

  constructor(database: SqliteFile) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): SqliteDriver {
    return new PatientSqliteDriver({ database: this.#database });
  }

  override createAdapter(): SqliteFileAdapter {
    return new SqliteFileAdapter(this.#database);
  }
}

/** Kysely's adapter, which is what can be got at through a query builder, with what only this file can say. */
export class SqliteFileAdapter extends SqliteAdapter {
  readonly #database: SqliteFile;

  constructor(database: SqliteFile) {
    super();
    this.#database = database;
  }

  /** As that of the file; also `undefined` while the database is locked: a query waits for that. */
  dataVersion(): number | undefined {
    try {
      return this.#database.dataVersion();
    } catch (error) {
      if (isLocked(error)) return undefined;
      throw error;
    }
  }
}

class PatientSqliteDriver extends SqliteDriver {
  #connection: DatabaseConnection | undefined;

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= namesUnavailable(patient(await super.acquireConnection()));
    return this.#connection;
  }

  /**
   * Ignores a missing transaction: SQLite rolls back by itself when the disk is full or fails. The caller gets the first error.
   */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await super.rollbackTransaction(connection);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("no transaction is active"))) throw error;
    }
  }
}

/**
 * Wraps a connection so that its statements are retried while the database is locked. All statements share one time limit: once
 * the database has been locked for that long, the next statement fails at once, and does not queue behind others that wait.
 */
function patient(connection: DatabaseConnection): DatabaseConnection {
  let locked: { readonly since: number; last: number } | undefined;
  return {
    async executeQuery<Row>(query: CompiledQuery) {
      for (;;) {
        try {
          const result = await connection.executeQuery<Row>(query);
          if (isWrite(query)) locked = undefined;
          return result;
        } catch (error) {
          if (!isLocked(error)) throw error;
          const now = performance.now();
          // A lock of long ago is not the one of today.
          if (!locked || now - locked.last > limitMs) locked = { since: now, last: now };
          locked.last = now;
          if (now - locked.since >= limitMs) throw error;
          await setTimeout(attemptEveryMs);
        }
      }
    },
    streamQuery: (query, chunkSize) => connection.streamQuery(query, chunkSize),
  };
}

const limitMs = 5_000;
const attemptEveryMs = 5;

/**
 * Whether a statement is known to need the write lock. With a write-ahead log, reads need no lock: a successful read does not
 * show that the database is unlocked.
 */
function isWrite({ query: { kind } }: CompiledQuery): boolean {
  return kind !== "SelectQueryNode" && kind !== "RawNode";
}

/** SQLITE_BUSY (5) with what its extended codes say; but after BUSY_SNAPSHOT only a new transaction can go well. */
function isLocked(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  return (error.errcode & 0xff) === 5 && error.errcode !== busySnapshot;
}

const busySnapshot = 517;
