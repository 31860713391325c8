import { type Kysely, sql } from "kysely";
import { isPostgres } from "../../engine/dialect.ts";

/** Counts devices that come and go as the changes of users and tokens are counted. Without all those that only change. */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (!isPostgres(db)) return;
  await sql`drop trigger if exists devices_changed on devices`.execute(db);
  await sql`
    create trigger devices_changed after insert or delete on devices
    for each statement execute function count_people_change()`.execute(db);
}
