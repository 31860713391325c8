import { batchLoader } from "../../../kernel/concurrency/batch-loader.ts";
import type { Database } from "../../../storage/engine/database.ts";

/** Under which JID a number turned out to be registered. */
export interface FoundRegistration {
  readonly askedJid: string;
  /** The JID that the number is registered under, most often its own. */
  readonly jid: string;
  /** The person's LID, where WhatsApp was asked for it and told it. */
  readonly lid: string | null;
}

/** What WhatsApp said when it was asked for a number. */
export interface KnownRegistration extends FoundRegistration {
  readonly checkedAt: Date;
}

/** Under which JID numbers turned out to be registered, per device. Bounded: the oldest are forgotten. */
export interface Registrations {
  find(askedJid: string): Promise<KnownRegistration | undefined>;
  /** @returns what is known, by the JID that was asked for */
  findAll(askedJids: readonly string[]): Promise<ReadonlyMap<string, KnownRegistration>>;
  /** @returns the latest known JID of each LID, where there is one, by LID */
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
  /** Of whom nothing is known, as most: those who are asked for again need not be looked for again. */
  const unknown = new Set<string>();
  /** Another one whenever something becomes known. */
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
      // Each once, and in one order: of two statements that write the same rows neither waits for the other then.
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
