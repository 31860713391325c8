import type { Database } from "../../../storage/engine/database.ts";
import type { PictureAnswerRow } from "../../../storage/schema/tables.ts";

/** WhatsApp's reply about a picture in one size. */
export type CachedPictureRow = Omit<PictureAnswerRow, "device_id" | "told_at">;

/** As it is stored. */
export type StoredAnswer = PictureAnswerRow;

/** Repository of WhatsApp's replies about pictures to one device. Bounded: the oldest are removed. */
export interface PictureCacheRepository {
  /** @returns the replies after that time, by the requested JID */
  find(
    askedJids: readonly string[],
    size: CachedPictureRow["picture_size"],
    reportedAfter: Date,
  ): Promise<ReadonlyMap<string, StoredAnswer>>;
  /** Stores a reply of this moment, and removes those that are not newer than that time. */
  remember(answer: CachedPictureRow, reportedAfter: Date): Promise<void>;
  /** Removes replies in both sizes that were requested or reported under one of these JIDs. */
  forget(jids: readonly string[]): Promise<void>;
  /** Removes all replies that were requested under JIDs of a kind. */
  forgetAllAskedBy(kind: "number" | "lid"): Promise<void>;
  clear(): Promise<void>;
}

export function pictureCacheRepository(database: Database, deviceId: string): PictureCacheRepository {
  const mine = database.selectFrom("picture_answers").where("device_id", "=", deviceId);
  const gone = database.deleteFrom("picture_answers").where("device_id", "=", deviceId);

  return {
    async find(askedJids, size, reportedAfter) {
      if (askedJids.length === 0) return new Map();
      const rows = await mine
        .selectAll()
        .where("asked_jid", "in", askedJids)
        .where("picture_size", "=", size)
        .where("told_at", ">", reportedAfter.toISOString())
        .execute();
      return new Map(rows.map((row) => [row.asked_jid, row]));
    },

    async remember(answer, reportedAfter) {
      const told_at = new Date().toISOString();
      await database
        .insertInto("picture_answers")
        .values({ ...answer, device_id: deviceId, told_at })
        .onConflict((conflict) =>
          conflict.columns(["device_id", "asked_jid", "picture_size"]).doUpdateSet(({ ref }) => ({
            outcome: ref("excluded.outcome"),
            jid: ref("excluded.jid"),
            picture_id: ref("excluded.picture_id"),
            found_size: ref("excluded.found_size"),
            url: ref("excluded.url"),
            direct_path: ref("excluded.direct_path"),
            expires_at: ref("excluded.expires_at"),
            told_at: ref("excluded.told_at"),
          })),
        )
        .execute();
      await gone.where("told_at", "<=", reportedAfter.toISOString()).execute();
      const oldest = await mine
        .select("told_at")
        .orderBy("told_at", "desc")
        .offset(maxAnswers)
        .limit(1)
        .executeTakeFirst();
      if (oldest) await gone.where("told_at", "<=", oldest.told_at).execute();
    },

    async forget(jids) {
      if (jids.length === 0) return;
      await gone.where(({ or, eb }) => or([eb("asked_jid", "in", jids), eb("jid", "in", jids)])).execute();
    },

    async forgetAllAskedBy(kind) {
      await gone.where("asked_jid", "like", kind === "lid" ? "%@lid" : "%@s.whatsapp.net").execute();
    },

    async clear() {
      await gone.execute();
    },
  };
}

/** Removes all devices' replies that are not newer than that time. */
export async function deleteExpiredPictureAnswers(database: Database, reportedAfter: Date): Promise<void> {
  await database.deleteFrom("picture_answers").where("told_at", "<=", reportedAfter.toISOString()).execute();
}

/** The limit for both sizes together. */
const maxAnswers = 20_000;
