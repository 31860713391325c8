import type { Database } from "./database.ts";

/** What WhatsApp said when it was asked for a number. */
export interface KnownRegistration {
  /** The JID that the number is registered under, most often its own. */
  readonly jid: string;
  readonly checkedAt: Date;
}

/** Under which JID numbers turned out to be registered, per device. Bounded: the oldest are forgotten. */
export interface Registrations {
  find(askedJid: string): Promise<KnownRegistration | undefined>;
  remember(askedJid: string, jid: string): Promise<void>;
  forget(askedJid: string): Promise<void>;
}

export function registrationsIn(database: Database, deviceId: string): Registrations {
  const mine = database.selectFrom("registrations").where("device_id", "=", deviceId);
  return {
    async find(askedJid) {
      const row = await mine
        .select(["jid", "checked_at"])
        .where("asked_jid", "=", askedJid)
        .executeTakeFirst();
      return row && { jid: row.jid, checkedAt: new Date(row.checked_at) };
    },

    async remember(askedJid, jid) {
      const checked_at = new Date().toISOString();
      await database
        .insertInto("registrations")
        .values({ device_id: deviceId, asked_jid: askedJid, jid, checked_at })
        .onConflict((conflict) =>
          conflict.columns(["device_id", "asked_jid"]).doUpdateSet({ jid, checked_at }),
        )
        .execute();
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

    async forget(askedJid) {
      await database
        .deleteFrom("registrations")
        .where("device_id", "=", deviceId)
        .where("asked_jid", "=", askedJid)
        .execute();
    },
  };
}

const maxRegistrations = 10_000;
