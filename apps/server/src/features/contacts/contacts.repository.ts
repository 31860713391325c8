import { type ExpressionBuilder, type SqlBool, sql } from "kysely";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import type { Database } from "../../storage/engine/database.ts";
import type { ContactRow, Tables } from "../../storage/schema/tables.ts";
import { type ContactUpdate, jidByNumber, MergedContacts, searchText } from "./contact-merge.ts";
import { searchable, searchedDigits } from "./contact-search.ts";

/**
 * Repository of one device's contacts. Bounded: past the limit, contacts without a name in the address book are removed
 * first, those that were updated longest ago before others.
 */
export interface ContactRepository {
  /** Stores updates in one transaction; a few hundred at once at the most. */
  learn(contactUpdates: readonly ContactUpdate[]): Promise<void>;
  /** @returns at most `limit` matching contacts after a JID, sorted by JID */
  list(search: string | undefined, limit: number, after?: string): Promise<ContactRow[]>;
  /** @param jids by number, and LIDs @returns the contacts that have one of them */
  find(jids: readonly string[]): Promise<ContactRow[]>;
  /** @returns how many contacts have a name from the address book */
  countNamed(): Promise<number>;
  /** Removes names from the address book that were last reported before that time. */
  forgetNames(reportedBefore: Date): Promise<void>;
  clear(): Promise<void>;
}

/** @param most the limit of stored contacts */
export function contactRepository(database: Database, deviceId: string, most: number): ContactRepository {
  const mine = database.selectFrom("contacts").where("device_id", "=", deviceId);

  const learn: ContactRepository["learn"] = (contactUpdates) =>
    database.transaction().execute(async (transaction) => {
      await deviceRepository(transaction).lock(deviceId);
      const jids = contactUpdates.flatMap(({ jid, lid }) => [jid, lid]).filter((jid) => jid !== undefined);
      const rows = await transaction
        .selectFrom("contacts")
        .selectAll()
        .where("device_id", "=", deviceId)
        .where(isOneOf(jids))
        .execute();
      const now = new Date().toISOString();
      const contacts = new MergedContacts(rows);
      for (const one of contactUpdates) contacts.learn(one, now);
      const { changed, gone } = contacts.changes();
      const stale = [...gone, ...changed.map(({ jid }) => jid)];
      if (stale.length === 0) return;
      const { numDeletedRows } = await transaction
        .deleteFrom("contacts")
        .where("device_id", "=", deviceId)
        .where("jid", "in", stale)
        .executeTakeFirstOrThrow();
      if (changed.length === 0) return;
      await transaction
        .insertInto("contacts")
        .values(
          changed.map((contact) => ({
            ...contact,
            device_id: deviceId,
            search: searchText(contact),
            updated_at: now,
          })),
        )
        .execute();
      if (changed.length <= Number(numDeletedRows)) return;
      const { count } = await transaction
        .selectFrom("contacts")
        .select(({ fn }) => fn.countAll<number | string>().as("count"))
        .where("device_id", "=", deviceId)
        .executeTakeFirstOrThrow();
      const surplus = Number(count) - most;
      if (surplus <= 0) return;
      await transaction
        .deleteFrom("contacts")
        .where("device_id", "=", deviceId)
        .where("jid", "in", (from) =>
          from
            .selectFrom("contacts")
            .select("jid")
            .where("device_id", "=", deviceId)
            .orderBy(sql`case when full_name is null then 0 else 1 end`)
            .orderBy("heard_at")
            .orderBy("jid")
            .limit(surplus),
        )
        .execute();
    });

  return {
    learn,

    list(search, limit, after) {
      let query = mine.selectAll();
      if (search !== undefined) query = query.where(matches(search));
      if (after !== undefined) query = query.where("jid", ">", after);
      return query.orderBy("jid").limit(limit).execute();
    },

    async find(jids) {
      if (jids.length === 0) return [];
      return mine.selectAll().where(isOneOf(jids)).execute();
    },

    async countNamed() {
      const { count } = await mine
        .select(({ fn }) => fn.countAll<number | string>().as("count"))
        .where("full_name", "is not", null)
        .executeTakeFirstOrThrow();
      return Number(count);
    },

    async forgetNames(reportedBefore) {
      for (;;) {
        const rows = await mine
          .select(["jid", "lid", "phone_number"])
          .where("full_name", "is not", null)
          .where("full_name_at", "<", reportedBefore.toISOString())
          .limit(rowsAtOnce)
          .execute();
        if (rows.length === 0) return;
        await learn(
          rows.map((row) => ({
            jid: jidByNumber(row),
            lid: row.lid ?? undefined,
            at: reportedBefore,
            fullName: null,
            firstName: null,
          })),
        );
      }
    },

    async clear() {
      await database.deleteFrom("contacts").where("device_id", "=", deviceId).execute();
    },
  };
}

const rowsAtOnce = 200;

type Contacts = ExpressionBuilder<Pick<Tables, "contacts">, "contacts">;

function isOneOf(jids: readonly string[]) {
  return ({ or, eb }: Contacts) => or([eb("jid", "in", jids), eb("lid", "in", jids)]);
}

/** Matches contacts with the text in a name, or its digits in the number. */
function matches(search: string) {
  const digits = searchedDigits(search);
  return ({ or }: Contacts) =>
    or([has("search", searchable(search)), ...(digits === undefined ? [] : [has("phone_number", digits)])]);
}

function has(column: "search" | "phone_number", text: string) {
  const pattern = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  return sql<SqlBool>`${sql.ref(column)} like ${pattern} escape '\\'`;
}
