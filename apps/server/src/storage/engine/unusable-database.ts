import { StartRefused } from "../../kernel/start-refused.ts";

/** A database server cannot be used. The message says which and why, in one line without the password. */
export class DatabaseUnusable extends StartRefused {
  override readonly name = "DatabaseUnusable";
  override readonly mayPass = true;
}

/**
 * Does something first with a database.
 * @param databaseUrl `undefined` for the embedded one
 * @throws DatabaseUnusable when the database server cannot be reached, or does not let this one in; else what `work` throws
 */
export async function withUsableDatabase<Result>(
  databaseUrl: string | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  if (databaseUrl === undefined) return work();
  try {
    return await work();
  } catch (error) {
    const reason = reasonIn(error);
    if (reason === undefined) throw error;
    const { default: pg } = await import("pg");
    const { host, port, database, user } = new pg.Client({ connectionString: databaseUrl });
    throw new DatabaseUnusable(
      `DATABASE_URL: PostgreSQL at ${host}:${port} cannot be used for the database ${JSON.stringify(database)} as ${JSON.stringify(user)}: ${reason}.`,
      { cause: error },
    );
  }
}

/** @returns why a database server cannot be used, if that is what an error or its cause says */
function reasonIn(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? String(error.code) : "";
  return reasons[code] ?? (isTimeout(error) ? "it does not answer" : reasonIn(error.cause));
}

/** The pool and the driver have no code for it. */
function isTimeout({ message }: Error): boolean {
  return /^(?:timeout expired|timeout exceeded when trying to connect|Connection terminated due to connection timeout)$/.test(
    message,
  );
}

/** Of the system, and of PostgreSQL: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "it closes the connection",
  ENOTFOUND: "the name of the host is not known",
  EAI_AGAIN: "the name of the host cannot be looked up",
  ETIMEDOUT: "it does not answer",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the host cannot be reached",
  ENOENT: "there is no such socket",
  "28000": "it does not let this user in (28000)",
  "28P01": "the password is wrong (28P01)",
  "3D000": "there is no such database (3D000)",
  "42501": "the user lacks a privilege there (42501)",
  "53300": "it has no connection left (53300)",
  "57P03": "it is just starting or stopping (57P03)",
};
