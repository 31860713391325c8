import { type Kysely, sql } from "kysely";
import { coalesce } from "../../kernel/concurrency/batch-loader.ts";
import type { Tables } from "../schema/tables.ts";
import { SqliteFileAdapter } from "./busy-retry-sqlite.ts";
import { isPostgres } from "./dialect.ts";

/**
 * Tells whether other connections have changed the database: another process, or another server in this one. On PostgreSQL it is
 * told of users, tokens and devices that come, change or go.
 */
export class ChangesElsewhere {
  /** @returns as `version`, of this moment or a later one */
  readonly check: () => Promise<number>;
  #version: number | undefined;

  constructor(database: Kysely<Tables>) {
    const { adapter } = database.getExecutor();
    // SQLite counts the commits of other connections, and says so without reading a table.
    const query = isPostgres(database)
      ? sql<{ version: string }>`select coalesce(sum(changes), 0) as version from people_change_counts`
      : sql<{ version: number }>`select data_version as version from pragma_data_version`;
    const ask = async () => {
      const { rows } = await query.execute(database);
      const [row] = rows;
      if (!row) throw new Error("the database does not say whether it was changed");
      return Number(row.version);
    };
    const atOnce = () => (adapter instanceof SqliteFileAdapter ? adapter.dataVersion() : undefined);
    this.check = coalesce(async () => {
      this.#version = atOnce() ?? (await ask());
      return this.#version;
    });
  }

  /**
   * A number that is another one after such a change; as of the last check, and `undefined` before the first. What was read from
   * the database after a check stays right while the number does, but for changes by this connection.
   */
  get version(): number | undefined {
    return this.#version;
  }
}
