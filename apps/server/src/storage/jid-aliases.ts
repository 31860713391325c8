import type { Database } from "./database.ts";

/** Under which other JID a number turned out to be registered, per device. Bounded: the oldest are forgotten. */
export interface JidAliases {
  find(askedJid: string): Promise<string | undefined>;
  remember(askedJid: string, actualJid: string): Promise<void>;
  forget(askedJid: string): Promise<void>;
}

export function jidAliasesIn(database: Database, deviceId: string): JidAliases {
  const mine = database.selectFrom("jid_aliases").where("device_id", "=", deviceId);
  return {
    async find(askedJid) {
      const row = await mine.select("actual_jid").where("asked_jid", "=", askedJid).executeTakeFirst();
      return row?.actual_jid;
    },

    async remember(askedJid, actualJid) {
      const learned_at = new Date().toISOString();
      await database
        .insertInto("jid_aliases")
        .values({ device_id: deviceId, asked_jid: askedJid, actual_jid: actualJid, learned_at })
        .onConflict((conflict) =>
          conflict.columns(["device_id", "asked_jid"]).doUpdateSet({ actual_jid: actualJid, learned_at }),
        )
        .execute();
      const oldest = await mine
        .select("learned_at")
        .orderBy("learned_at", "desc")
        .offset(maxAliases)
        .limit(1)
        .executeTakeFirst();
      if (oldest) {
        await database
          .deleteFrom("jid_aliases")
          .where("device_id", "=", deviceId)
          .where("learned_at", "<=", oldest.learned_at)
          .execute();
      }
    },

    async forget(askedJid) {
      await database
        .deleteFrom("jid_aliases")
        .where("device_id", "=", deviceId)
        .where("asked_jid", "=", askedJid)
        .execute();
    },
  };
}

const maxAliases = 10_000;
