import { type Kysely, sql } from "kysely";
import { isPostgres } from "../../storage/engine/dialect.ts";
import type { Tables } from "../../storage/schema/tables.ts";

/**
 * Tells whether anybody else has changed the database: another process, or another server in this one.
 * @returns a stamp that differs from the one before when that may be so
 */
export type ChangesElsewhere = () => Promise<number>;

export function changesElsewhereIn(database: Kysely<Tables>): ChangesElsewhere {
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

/**
 * Counts the changes of users and tokens where the database itself does not tell. That a token was used is no such change.
 * The row is written in the transaction of the change: whoever sees the new number sees the change.
 */
export async function countPeopleChanges(db: Kysely<unknown>): Promise<void> {
  if (!isPostgres(db)) return;
  await sql`create table people_changes (changes bigint not null)`.execute(db);
  await sql`insert into people_changes values (0)`.execute(db);
  await sql`
    create function count_people_change() returns trigger language plpgsql as $$
    begin
      update people_changes set changes = changes + 1;
      return null;
    end $$`.execute(db);
  for (const [table, updates] of [
    ["users", "update"],
    ["tokens", "update of user_id, hash, expires_at"],
  ] as const) {
    await sql`
      create trigger ${sql.raw(`${table}_changed`)} after insert or delete or ${sql.raw(updates)} on ${sql.table(table)}
      for each statement execute function count_people_change()`.execute(db);
  }
}

/**
 * Counts by connection instead of in one row, for which the changes of all tenants waited: whoever wrote it had it until the end
 * of their transaction. The sum rises with each change that can be seen, whichever is committed first.
 */
export async function countPeopleChangesApart(db: Kysely<unknown>): Promise<void> {
  if (!isPostgres(db)) return;
  await sql`
    create table if not exists people_change_counts (connection integer primary key, changes bigint not null)
  `.execute(db);
  await sql`
    create or replace function count_people_change() returns trigger language plpgsql as $$
    begin
      insert into people_change_counts values (pg_backend_pid() % 1000, 1)
        on conflict (connection) do update set changes = people_change_counts.changes + 1;
      return null;
    end $$`.execute(db);
  await sql`drop table if exists people_changes`.execute(db);
}
