import { type Kysely, sql } from "kysely";
import { isPostgres } from "../../engine/dialect.ts";

/**
 * Counts by connection instead of in one row, for which the changes of all tenants waited: whoever wrote it had it until the end
 * of their transaction. The sum rises with each change that can be seen, whichever is committed first.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
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
