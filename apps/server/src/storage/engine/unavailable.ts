import type { DatabaseConnection } from "kysely";

/**
 * What is stored cannot be reached just now, or there is no room for more. Nobody did anything wrong, and the same may go well
 * later. The cause is what the driver or the file system says.
 */
export class StorageUnavailable extends Error {
  override readonly name = "StorageUnavailable";

  constructor(cause: Error) {
    super(`the storage cannot be used just now: ${cause.message}`, { cause });
  }
}

/** Does something with what is stored. @throws StorageUnavailable when that says so, else what `work` throws */
export async function namingUnavailable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Error && isUnavailability(error) ? new StorageUnavailable(error) : error;
  }
}

const telling = new WeakSet<DatabaseConnection>();

/** Has a connection throw StorageUnavailable when that is why a query failed. @returns the same connection */
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

/** That the way to a server has broken, or that there is no room on a disk. */
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
 * operator intervention (57), system errors (58), a server that only reads (25006), as after a failover, and a lock that did not
 * come in time (55P03).
 */
const ofPostgres = /^(?:08|53|57|58)[0-9A-Z]{3}$|^25006$|^55P03$/;

/** The driver has no code for it. */
const ofDriver =
  /^(?:Query read timeout|Connection terminated|Client has encountered a connection error|Client was closed)/;
