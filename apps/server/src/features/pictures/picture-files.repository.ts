import type { Database } from "../../storage/engine/database.ts";
import type { KeptPictureRow } from "../../storage/schema/tables.ts";

/** Which picture, as which account of which device was told of it. */
export type PictureKey = Pick<
  KeptPictureRow,
  "device_id" | "account_jid" | "jid" | "picture_id" | "picture_size"
>;

/** Bytes of a picture that are kept. */
export type KeptPicture = Pick<KeptPictureRow, "hash" | "bytes">;

/** Which bytes are kept for whom in one folder. Each picture is told of by WhatsApp to a device; no other one finds it. */
export interface PictureFileRepository {
  find(key: PictureKey): Promise<KeptPicture | undefined>;
  /** Notes that a picture is used now. */
  touch(key: PictureKey): Promise<void>;
  /** Nothing is added for a device that is gone. */
  add(key: PictureKey, kept: KeptPicture): Promise<void>;
  remove(key: PictureKey): Promise<void>;
  /** From every folder. */
  removeOf(deviceId: string): Promise<void>;
  /** Removes those that were not used longest, until the others have no more than so many bytes. @returns their hashes */
  shrinkTo(maxBytes: number): Promise<readonly string[]>;
  /** @returns those of the hashes that some picture has */
  used(hashes: readonly string[]): Promise<ReadonlySet<string>>;
  /** Removes what is in other folders and was not used since then: most likely those are gone. */
  removeOfOthers(usedBefore: Date): Promise<void>;
}

/** @param folderId of the folder that the bytes are in; several servers may have one each, and a database that they share */
export function pictureFileRepository(database: Database, folderId: string): PictureFileRepository {
  const at = (key: PictureKey) =>
    database
      .selectFrom("kept_pictures")
      .where("folder_id", "=", folderId)
      .where("device_id", "=", key.device_id)
      .where("account_jid", "=", key.account_jid)
      .where("jid", "=", key.jid)
      .where("picture_id", "=", key.picture_id)
      .where("picture_size", "=", key.picture_size);

  const remove: PictureFileRepository["remove"] = async (key) => {
    await database
      .deleteFrom("kept_pictures")
      .where("folder_id", "=", folderId)
      .where("device_id", "=", key.device_id)
      .where("account_jid", "=", key.account_jid)
      .where("jid", "=", key.jid)
      .where("picture_id", "=", key.picture_id)
      .where("picture_size", "=", key.picture_size)
      .execute();
  };

  return {
    find: (key) => at(key).select(["hash", "bytes"]).executeTakeFirst(),

    async touch(key) {
      await database
        .updateTable("kept_pictures")
        .set({ used_at: new Date().toISOString() })
        .where("folder_id", "=", folderId)
        .where("device_id", "=", key.device_id)
        .where("account_jid", "=", key.account_jid)
        .where("jid", "=", key.jid)
        .where("picture_id", "=", key.picture_id)
        .where("picture_size", "=", key.picture_size)
        .execute();
    },

    async add(key, { hash, bytes }) {
      await remove(key);
      const used_at = new Date().toISOString();
      await database
        .insertInto("kept_pictures")
        .columns([
          "folder_id",
          "device_id",
          "account_jid",
          "jid",
          "picture_id",
          "picture_size",
          "hash",
          "bytes",
          "used_at",
        ])
        .expression((make) =>
          make
            .selectFrom("devices")
            .where("id", "=", key.device_id)
            .select(({ val, cast }) => [
              val(folderId).as("folder_id"),
              "id",
              val(key.account_jid).as("account_jid"),
              val(key.jid).as("jid"),
              val(key.picture_id).as("picture_id"),
              val(key.picture_size).as("picture_size"),
              val(hash).as("hash"),
              cast<number>(val(bytes), "integer").as("bytes"),
              val(used_at).as("used_at"),
            ]),
        )
        .execute();
    },

    remove,

    async removeOf(deviceId) {
      await database.deleteFrom("kept_pictures").where("device_id", "=", deviceId).execute();
    },

    async shrinkTo(maxBytes) {
      const { total } = await database
        .selectFrom("kept_pictures")
        .select(({ fn }) => fn.sum<number | string | null>("bytes").as("total"))
        .where("folder_id", "=", folderId)
        .executeTakeFirstOrThrow();
      const gone: string[] = [];
      for (let left = Number(total ?? 0); left > maxBytes; ) {
        const oldest = await database
          .selectFrom("kept_pictures")
          .selectAll()
          .where("folder_id", "=", folderId)
          .orderBy("used_at", "asc")
          .limit(1)
          .executeTakeFirst();
        if (!oldest) break;
        await remove(oldest);
        gone.push(oldest.hash);
        left -= oldest.bytes;
      }
      return gone;
    },

    async used(hashes) {
      const rows =
        hashes.length === 0
          ? []
          : await database
              .selectFrom("kept_pictures")
              .select("hash")
              .distinct()
              .where("folder_id", "=", folderId)
              .where("hash", "in", hashes)
              .execute();
      return new Set(rows.map(({ hash }) => hash));
    },

    async removeOfOthers(usedBefore) {
      await database
        .deleteFrom("kept_pictures")
        .where("folder_id", "!=", folderId)
        .where("used_at", "<", usedBefore.toISOString())
        .execute();
    },
  };
}
