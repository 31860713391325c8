import { type Kysely, PostgresAdapter, type RawBuilder, sql } from "kysely";

/** @returns whether the database is PostgreSQL; the only other one is SQLite */
export function isPostgres(database: Pick<Kysely<never>, "getExecutor">): boolean {
  return database.getExecutor().adapter instanceof PostgresAdapter;
}

/** The time of the database's clock, in whole milliseconds since the epoch; within a transaction, too, it goes on. */
export function databaseNow(database: Pick<Kysely<never>, "getExecutor">): RawBuilder<number> {
  return isPostgres(database)
    ? sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
}
