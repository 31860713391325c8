import type { Database } from "../../storage/engine/database.ts";
import type { KeptPictureRow } from "../../storage/schema/tables.ts";

/** Key of a stored picture: the picture, the device and the account that WhatsApp sent it to. */
export type PictureKey = Pick<
  KeptPictureRow,
  "device_id" | "account_jid" | "jid" | "picture_id" | "picture_size"
>;

/** A stored picture file: its hash and its size. */
export type KeptPicture = Pick<KeptPictureRow, "hash" | "bytes">;

/** Index of the picture files in one folder. Only the device that WhatsApp sent a picture to finds it. */
export interface PictureFileRepository {
  find(key: PictureKey): Promise<KeptPicture | undefined>;
  /** Marks a picture as used now. */
  touch(key: PictureKey): Promise<void>;
  /** Adds a picture. Adds nothing for a deleted device. */
  add(key: PictureKey, kept: KeptPicture): Promise<void>;
  remove(key: PictureKey): Promise<void>;
  /** Removes a device's pictures from every folder. */
  removeOf(deviceId: string): Promise<void>;
  /** Removes the least recently used pictures until the rest fits into `maxBytes`. @returns their hashes */
  shrinkTo(maxBytes: number): Promise<readonly string[]>;
  /** @returns the hashes that some picture still refers to */
  used(hashes: readonly string[]): Promise<ReadonlySet<string>>;
  /** Removes entries of other folders that were not used since then: most likely those folders are gone. */
  removeOfOthers(usedBefore: Date): Promise<void>;
}

/** @param folderId identifies the folder with the files; several servers may have a folder each and share a database */
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
