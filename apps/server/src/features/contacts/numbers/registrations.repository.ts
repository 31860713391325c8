import { batchLoader } from "../../../kernel/concurrency/batch-loader.ts";
import type { Database } from "../../../storage/engine/database.ts";

/** The JID under which a number is registered. */
export interface FoundRegistration {
  readonly askedJid: string;
  /** The JID that the number is registered under, most often its own. */
  readonly jid: string;
  /** The person's LID, if it was requested and WhatsApp sent it. */
  readonly lid: string | null;
}

/** A stored result of a query to WhatsApp for a number. */
export interface KnownRegistration extends FoundRegistration {
  readonly checkedAt: Date;
}

/** Repository of registrations, per device. Bounded: the oldest are removed. */
export interface Registrations {
  find(askedJid: string): Promise<KnownRegistration | undefined>;
  /** @returns the stored registrations, by the requested JID */
  findAll(askedJids: readonly string[]): Promise<ReadonlyMap<string, KnownRegistration>>;
  /** @returns by LID, the latest known JID of each LID that has one */
  findByLids(lids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  remember(...found: readonly FoundRegistration[]): Promise<void>;
  forget(...askedJids: readonly string[]): Promise<void>;
}

export function registrationRepository(database: Database, deviceId: string): Registrations {
  const mine = database.selectFrom("registrations").where("device_id", "=", deviceId);

  const findAll: Registrations["findAll"] = async (askedJids) => {
    if (askedJids.length === 0) return new Map();
    const rows = await mine
      .select(["asked_jid", "jid", "lid", "checked_at"])
      .where("asked_jid", "in", askedJids)
      .execute();
    return new Map(
      rows.map(({ asked_jid, jid, lid, checked_at }) => [
        asked_jid,
        { askedJid: asked_jid, jid, lid, checkedAt: new Date(checked_at) },
      ]),
    );
  };

  const load = batchLoader(findAll);
  /** Negative cache: most requested JIDs have no registration, and a repeated request skips the database. */
  const unknown = new Set<string>();
  /** Generation counter: increases whenever a registration is stored. */
  let moment = 0;
  const becameKnown = (askedJids: readonly string[]) => {
    moment += 1;
    for (const jid of askedJids) unknown.delete(jid);
  };

  return {
    findAll,

    async find(askedJid) {
      if (unknown.has(askedJid)) return undefined;
      const before = moment;
      const found = await load(askedJid);
      if (found || before !== moment) return found;
      unknown.add(askedJid);
      const [oldest] = unknown;
      if (unknown.size > maxUnknown && oldest !== undefined) unknown.delete(oldest);
      return undefined;
    },

    async findByLids(lids) {
      if (lids.length === 0) return new Map();
      const rows = await mine
        .select(["lid", "jid"])
        .where("lid", "in", lids)
        .orderBy("checked_at", "asc")
        .execute();
      return new Map(rows.flatMap(({ lid, jid }) => (lid === null ? [] : [[lid, jid]])));
    },

    async remember(...found) {
      if (found.length === 0) return;
      const checked_at = new Date().toISOString();
      // Removes duplicates and sorts: two statements that write the same rows in the same order do not block each other.
      const byJid = new Map(found.map((one) => [one.askedJid, one]));
      const rows = [...byJid.values()].sort((one, other) => (one.askedJid < other.askedJid ? -1 : 1));
      await database
        .insertInto("registrations")
        .values(
          rows.map(({ askedJid, jid, lid }) => ({
            device_id: deviceId,
            asked_jid: askedJid,
            jid,
            lid,
            checked_at,
          })),
        )
        .onConflict((conflict) =>
          conflict.columns(["device_id", "asked_jid"]).doUpdateSet(({ ref }) => ({
            jid: ref("excluded.jid"),
            lid: ref("excluded.lid"),
            checked_at: ref("excluded.checked_at"),
          })),
        )
        .execute();
      becameKnown(found.map(({ askedJid }) => askedJid));
      const oldest = await mine
        .select("checked_at")
        .orderBy("checked_at", "desc")
        .offset(maxRegistrations)
        .limit(1)
        .executeTakeFirst();
      if (oldest) {
        await database
          .deleteFrom("registrations")
          .where("device_id", "=", deviceId)
          .where("checked_at", "<=", oldest.checked_at)
          .execute();
      }
    },

    async forget(...askedJids) {
      if (askedJids.length === 0) return;
      await database
        .deleteFrom("registrations")
        .where("device_id", "=", deviceId)
        .where("asked_jid", "in", askedJids)
        .execute();
    },
  };
}

const maxRegistrations = 10_000;

const maxUnknown = 1_000;
