import { type Kysely, sql } from "kysely";
import { isPostgres } from "../../storage/engine/dialect.ts";
import type { Tables } from "../../storage/schema/tables.ts";

/**
 * Reads a change stamp of the database that covers other processes, and other servers in this one.
 * @returns a stamp that differs from the one before when another connection may have changed the database
 */
export type ChangeVersion = () => Promise<number>;

export function changeVersionOf(database: Kysely<Tables>): ChangeVersion {
  // SQLite counts the commits of other connections, and says so without reading a table.
  const stamp = isPostgres(database)
    ? sql<{ stamp: string }>`select coalesce(sum(changes), 0) as stamp from people_change_counts`
    : sql<{ stamp: number }>`select data_version as stamp from pragma_data_version`;
  return async () => {
    const { rows } = await stamp.execute(database);
    const [row] = rows;
    if (!row) throw new Error("the database does not say whether it was changed");
    return Number(row.stamp);
  };
}
