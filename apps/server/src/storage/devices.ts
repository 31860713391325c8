import { randomUUID } from "node:crypto";
import type { Database } from "./database.ts";
import type { DeviceRow } from "./tables.ts";

/** A place in the list of a user's devices; the list goes on after it. */
export interface DevicePosition {
  readonly createdAt: string;
  readonly id: string;
}

export type DeviceChanges = Partial<Omit<DeviceRow, "id" | "user_id" | "created_at" | "updated_at">>;

export interface DeviceRows {
  create(userId: string, name: string): Promise<DeviceRow>;
  /** @returns the device if this user owns it */
  findOwned(userId: string, id: string): Promise<DeviceRow | undefined>;
  /** @returns at most `limit` devices of this user, oldest first */
  listOwned(userId: string, limit: number, after?: DevicePosition): Promise<DeviceRow[]>;
  /**
   * @returns the devices that are to be connected when the server starts, of all users. A crash may have come between
   * storing the credentials of a pairing and noting it, so whoever has credentials counts as paired.
   */
  listToRestore(): Promise<DeviceRow[]>;
  update(id: string, changes: DeviceChanges): Promise<void>;
  /** Removes the device with its credentials, keys and registrations. */
  delete(id: string): Promise<void>;
}

export function devicesIn(database: Database): DeviceRows {
  return {
    async create(userId, name) {
      const now = new Date().toISOString();
      const row: DeviceRow = {
        id: randomUUID(),
        user_id: userId,
        name,
        standing: "unpaired",
        jid: null,
        lid: null,
        phone_number: null,
        last_activity_at: null,
        last_disconnect_reason: null,
        last_disconnect_code: null,
        last_disconnect_at: null,
        created_at: now,
        updated_at: now,
      };
      await database.insertInto("devices").values(row).execute();
      return row;
    },

    findOwned: (userId, id) =>
      database
        .selectFrom("devices")
        .selectAll()
        .where("id", "=", id)
        .where("user_id", "=", userId)
        .executeTakeFirst(),

    listOwned(userId, limit, after) {
      let query = database.selectFrom("devices").selectAll().where("user_id", "=", userId);
      if (after) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple("created_at", "id"), ">", tuple(after.createdAt, after.id)),
        );
      }
      return query.orderBy("created_at").orderBy("id").limit(limit).execute();
    },

    listToRestore: () =>
      database
        .selectFrom("devices")
        .selectAll()
        .where(({ eb, or, and, exists, selectFrom }) =>
          or([
            eb("standing", "in", ["paired", "replaced"]),
            and([
              eb("standing", "in", ["unpaired", "logged_out"]),
              exists(selectFrom("credentials").select("device_id").whereRef("device_id", "=", "devices.id")),
            ]),
          ]),
        )
        .orderBy("created_at")
        .orderBy("id")
        .execute(),

    async update(id, changes) {
      await database
        .updateTable("devices")
        .set({ ...changes, updated_at: new Date().toISOString() })
        .where("id", "=", id)
        .execute();
    },

    async delete(id) {
      await database.deleteFrom("devices").where("id", "=", id).execute();
    },
  };
}
