import { setTimeout } from "node:timers/promises";
import { type CompiledQuery, type DatabaseConnection, SqliteDialect, SqliteDriver } from "kysely";
import { namesUnavailable } from "./unavailable.ts";

/**
 * SQLite for a process that has other things to do. While another process holds the lock for writing, SQLite's own busy
 * handler stops this one altogether, and with it every device and every request. Here a statement that finds the database
 * locked waits between two attempts, and lets everybody else go on.
 */
export class BusyRetrySqliteDialect extends SqliteDialect {
  readonly #config: ConstructorParameters<typeof SqliteDriver>[0];

  constructor(config: ConstructorParameters<typeof SqliteDriver>[0]) {
    super(config);
    this.#config = config;
  }

  override createDriver(): SqliteDriver {
    return new PatientSqliteDriver(this.#config);
  }
}

class PatientSqliteDriver extends SqliteDriver {
  #connection: DatabaseConnection | undefined;

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= namesUnavailable(patient(await super.acquireConnection()));
    return this.#connection;
  }

  /** SQLite does so by itself when there is no room, or the disk fails, and what failed is what there is to tell. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await super.rollbackTransaction(connection);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("no transaction is active"))) throw error;
    }
  }
}

/**
 * There is one patience for all: once the database has been locked for so long, whoever comes next is told so at once, and
 * does not wait in a queue behind others who wait as well.
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

/** Reading needs no lock in a database with a write-ahead log, so that it went well says nothing. */
function isWrite({ query: { kind } }: CompiledQuery): boolean {
  return kind !== "SelectQueryNode" && kind !== "RawNode";
}

/** SQLITE_BUSY (5) with what its extended codes say; but after BUSY_SNAPSHOT only a new transaction can go well. */
function isLocked(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  return (error.errcode & 0xff) === 5 && error.errcode !== busySnapshot;
}

const busySnapshot = 517;
