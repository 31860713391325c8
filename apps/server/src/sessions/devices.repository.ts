import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { Role } from "../kernel/roles.ts";
import type { Lease } from "../storage/leasing/leases.repository.ts";
import { afterCursor, type KeysetCursor } from "../storage/pagination/keyset-cursor.ts";
import type { DeviceRow, Tables } from "../storage/schema/tables.ts";

export type DeviceChanges = Partial<Omit<DeviceRow, "id" | "user_id" | "created_at" | "updated_at">>;

/** The devices that a user may work with: the user's own, and those of users in the tenant who have one of the roles. */
export interface Reach {
  readonly tenantId: string;
  readonly userId: string;
  readonly roles: readonly Role[];
}

export interface DeviceRepository {
  /** @param picturesPerMinute as the row has it */
  create(userId: string, name: string, picturesPerMinute?: number | null): Promise<DeviceRow>;
  find(id: string): Promise<DeviceRow | undefined>;
  /** @returns the device if it is within this reach */
  findWithin(reach: Reach, id: string): Promise<DeviceRow | undefined>;
  /** @returns at most `limit` devices of this user, oldest first */
  listOwned(userId: string, limit: number, after?: KeysetCursor): Promise<DeviceRow[]>;
  /** @returns all devices of this user */
  listAllOwned(userId: string): Promise<DeviceRow[]>;
  /** @returns all devices of all users of this tenant */
  listAllInTenant(tenantId: string): Promise<DeviceRow[]>;
  countInTenant(tenantId: string): Promise<number>;
  /**
   * @returns the devices of all users to connect when the server starts, including those whose ban is over. A crash may
   * have come between storing the credentials of a pairing and marking the device as paired, so a device with credentials
   * counts as paired.
   */
  listToRestore(): Promise<DeviceRow[]>;
  /** Locks a device's data until the transaction ends, against all callers that also take this lock. */
  lock(id: string): Promise<void>;
  update(id: string, changes: DeviceChanges): Promise<void>;
  /** Stores when the device last heard from WhatsApp. @param heardAt as in the row */
  noteActivity(id: string, heardAt: string): Promise<void>;
  /** Removes the device with its credentials, keys and registrations. @returns whether it existed */
  delete(id: string): Promise<boolean>;
}

/**
 * Repository of devices.
 * @param database or a transaction on it
 * @param lease guards all changes: if its holder has lost a device, the device is not changed
 */
export function deviceRepository(database: Kysely<Tables>, lease?: Lease): DeviceRepository {
  const changing = (id: string) => {
    const query = database.updateTable("devices").where("id", "=", id);
    if (lease === undefined) return query;
    return query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom("device_leases")
          .select("device_id")
          .where("device_id", "=", id)
          .where("server_id", "=", lease.serverId)
          .where("fence", "=", lease.fence),
      ),
    );
  };

  return {
    async create(userId, name, picturesPerMinute = null) {
      const now = new Date().toISOString();
      const row: DeviceRow = {
        id: randomUUID(),
        user_id: userId,
        name,
        standing: "unpaired",
        jid: null,
        lid: null,
        phone_number: null,
        picture_pace_per_minute: picturesPerMinute,
        last_activity_at: null,
        last_disconnect_reason: null,
        last_disconnect_code: null,
        last_disconnect_at: null,
        banned_until: null,
        created_at: now,
        updated_at: now,
      };
      await database.insertInto("devices").values(row).execute();
      return row;
    },

    find: (id) => database.selectFrom("devices").selectAll().where("id", "=", id).executeTakeFirst(),

    findWithin: ({ tenantId, userId, roles }, id) =>
      database
        .selectFrom("devices")
        .innerJoin("users", "users.id", "devices.user_id")
        .selectAll("devices")
        .where("devices.id", "=", id)
        .where("users.tenant_id", "=", tenantId)
        .where(({ or, eb }) => or([eb("devices.user_id", "=", userId), eb("users.role", "in", [...roles])]))
        .executeTakeFirst(),

    listOwned(userId, limit, after) {
      let query = database.selectFrom("devices").selectAll().where("user_id", "=", userId);
      if (after) query = query.where(afterCursor(after));
      return query.orderBy("created_at").orderBy("id").limit(limit).execute();
    },

    listAllOwned: (userId) =>
      database.selectFrom("devices").selectAll().where("user_id", "=", userId).execute(),

    listAllInTenant: (tenantId) =>
      database
        .selectFrom("devices")
        .innerJoin("users", "users.id", "devices.user_id")
        .selectAll("devices")
        .where("users.tenant_id", "=", tenantId)
        .execute(),

    async countInTenant(tenantId) {
      const { devices } = await database
        .selectFrom("devices")
        .innerJoin("users", "users.id", "devices.user_id")
        .select(({ fn }) => fn.countAll().as("devices"))
        .where("users.tenant_id", "=", tenantId)
        .executeTakeFirstOrThrow();
      return Number(devices);
    },

    listToRestore: () =>
      database
        .selectFrom("devices")
        .selectAll()
        .where(({ eb, or, and, exists, selectFrom }) =>
          or([
            eb("standing", "in", ["paired", "replaced"]),
            and([eb("standing", "=", "banned"), eb("banned_until", "<=", new Date().toISOString())]),
            and([
              eb("standing", "in", ["unpaired", "logged_out"]),
              exists(selectFrom("credentials").select("device_id").whereRef("device_id", "=", "devices.id")),
            ]),
          ]),
        )
        .orderBy("created_at")
        .orderBy("id")
        .execute(),

    async lock(id) {
      await database
        .updateTable("devices")
        .set(({ ref }) => ({ updated_at: ref("updated_at") }))
        .where("id", "=", id)
        .execute();
    },

    async update(id, changes) {
      await changing(id)
        .set({ ...changes, updated_at: new Date().toISOString() })
        .execute();
    },

    async noteActivity(id, heardAt) {
      await changing(id).set({ last_activity_at: heardAt }).execute();
    },

    async delete(id) {
      const { numDeletedRows } = await database
        .deleteFrom("devices")
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    },
  };
}
