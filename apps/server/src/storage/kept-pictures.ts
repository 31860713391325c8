import type { Kysely } from "kysely";
import type { Database } from "./database.ts";
import type { KeptPictureRow } from "./tables.ts";

/** Which picture, as which account of which device was told of it. */
export type PictureKey = Pick<
  KeptPictureRow,
  "device_id" | "account_jid" | "jid" | "picture_id" | "picture_size"
>;

/** Bytes of a picture that are kept. */
export type KeptPicture = Pick<KeptPictureRow, "hash" | "bytes">;

/** Which bytes are kept for whom. Each picture is told of by WhatsApp to a device; no other one finds it. */
export interface KeptPictures {
  find(key: PictureKey): Promise<KeptPicture | undefined>;
  /** Notes that a picture is used now. */
  touch(key: PictureKey): Promise<void>;
  /** Nothing is added for a device that is gone. */
  add(key: PictureKey, kept: KeptPicture): Promise<void>;
  remove(key: PictureKey): Promise<void>;
  removeOf(deviceId: string): Promise<void>;
  /** Removes those that were not used longest, until the others have no more than so many bytes. @returns their hashes */
  shrinkTo(maxBytes: number): Promise<readonly string[]>;
  /** @returns those of the hashes that some picture has */
  used(hashes: readonly string[]): Promise<ReadonlySet<string>>;
}

export function keptPicturesIn(database: Database): KeptPictures {
  const at = (key: PictureKey) =>
    database
      .selectFrom("kept_pictures")
      .where("device_id", "=", key.device_id)
      .where("account_jid", "=", key.account_jid)
      .where("jid", "=", key.jid)
      .where("picture_id", "=", key.picture_id)
      .where("picture_size", "=", key.picture_size);

  const remove: KeptPictures["remove"] = async (key) => {
    await database
      .deleteFrom("kept_pictures")
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
        .executeTakeFirstOrThrow();
      const gone: string[] = [];
      for (let left = Number(total ?? 0); left > maxBytes; ) {
        const oldest = await database
          .selectFrom("kept_pictures")
          .selectAll()
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
              .where("hash", "in", hashes)
              .execute();
      return new Set(rows.map(({ hash }) => hash));
    },
  };
}

/** Which bytes of pictures are kept. */
export async function addKeptPictures(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("kept_pictures")
    .ifNotExists()
    .addColumn("device_id", "text", (column) => column.notNull().references("devices.id").onDelete("cascade"))
    .addColumn("account_jid", "text", (column) => column.notNull())
    .addColumn("jid", "text", (column) => column.notNull())
    .addColumn("picture_id", "text", (column) => column.notNull())
    .addColumn("picture_size", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .addColumn("bytes", "integer", (column) => column.notNull())
    .addColumn("used_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("kept_pictures_primary", [
      "device_id",
      "account_jid",
      "jid",
      "picture_id",
      "picture_size",
    ])
    .execute();
  await db.schema
    .createIndex("kept_pictures_by_use")
    .ifNotExists()
    .on("kept_pictures")
    .column("used_at")
    .execute();
  await db.schema
    .createIndex("kept_pictures_by_hash")
    .ifNotExists()
    .on("kept_pictures")
    .column("hash")
    .execute();
}
