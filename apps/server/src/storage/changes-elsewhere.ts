import { type Kysely, sql } from "kysely";
import type { Tables } from "./tables.ts";

/**
 * Tells whether anybody else has changed the database: another process, or another server in this one.
 * @returns a stamp that differs from the one before when that may be so; own changes do not count
 */
export type ChangesElsewhere = () => Promise<number>;

/** SQLite counts the commits of other connections, and says so without reading a table. */
export function changesElsewhereIn(database: Kysely<Tables>): ChangesElsewhere {
  return async () => {
    const { rows } = await sql<{ data_version: number }>`pragma data_version`.execute(database);
    const [row] = rows;
    if (!row) throw new Error("the database does not say whether it was changed");
    return row.data_version;
  };
}
