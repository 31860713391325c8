import type { DatabaseConnection } from "kysely";

/**
 * The database cannot be reached at the moment, or has no room left. The caller did nothing wrong, and a retry may succeed. The
 * cause is the error of the driver or the file system.
 */
export class StorageUnavailable extends Error {
  override readonly name = "StorageUnavailable";

  constructor(cause: Error) {
    super(`the storage cannot be used just now: ${cause.message}`, { cause });
  }
}

/**
 * Runs work on the database.
 * @throws StorageUnavailable when the work failed because storage cannot be reached or is full, else what `work` throws
 */
export async function namingUnavailable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Error && isUnavailability(error) ? new StorageUnavailable(error) : error;
  }
}

const telling = new WeakSet<DatabaseConnection>();

/**
 * Patches a connection to throw StorageUnavailable when a query failed for that reason.
 * @returns the same connection
 */
export function namesUnavailable(connection: DatabaseConnection): DatabaseConnection {
  if (telling.has(connection)) return connection;
  telling.add(connection);
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = (...args) => namingUnavailable(() => execute(...args));
  return connection;
}

function isUnavailability({ code, errcode, message }: DriverError): boolean {
  if (typeof errcode === "number") return ofSqlite.has(errcode & 0xff);
  if (typeof code === "string" && (ofSystem.has(code) || ofPostgres.test(code))) return true;
  return ofDriver.test(message);
}

interface DriverError extends Error {
  readonly code?: unknown;
  readonly errcode?: unknown;
}

/**
 * SQLITE_BUSY, READONLY, IOERR, FULL and CANTOPEN: https://www.sqlite.org/rescode.html. Their extended codes say the same in
 * the lowest byte.
 */
const ofSqlite: ReadonlySet<number> = new Set([5, 8, 10, 13, 14]);

/** Error codes of a broken connection to a server, and of a disk without room. */
const ofSystem: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "ENOSPC",
  "EDQUOT",
  "EFBIG",
  "EROFS",
  "EIO",
]);

/**
 * https://www.postgresql.org/docs/current/errcodes-appendix.html: connection exceptions (08), insufficient resources (53),
 * operator intervention (57), system errors (58), a read-only server (25006), as after a failover, and a lock timeout (55P03).
 */
const ofPostgres = /^(?:08|53|57|58)[0-9A-Z]{3}$|^25006$|^55P03$/;

/** The driver has no code for it. */
const ofDriver =
  /^(?:Query read timeout|Connection terminated|Client has encountered a connection error|Client was closed)/;
