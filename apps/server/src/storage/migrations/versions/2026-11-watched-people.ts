import { type Kysely, sql } from "kysely";
import { isPostgres } from "../../engine/dialect.ts";

/**
 * Counts the changes of users and tokens where the database itself does not tell. That a token was used is no such change.
 * The row is written in the transaction of the change: whoever sees the new number sees the change.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
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
