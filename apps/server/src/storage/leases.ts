import { type Kysely, sql } from "kysely";
import type { Database } from "./database.ts";
import { databaseNow, isPostgres } from "./dialect.ts";
import type { Tables } from "./tables.ts";

/** The right of one server to work with a device. */
export interface Lease {
  readonly deviceId: string;
  readonly serverId: string;
  /**
   * Rises each time the device is taken. Whoever writes with an older number than the stored one has lost the device, even if
   * they do not know it yet.
   */
  readonly fence: number;
}

/** The device has been taken by another server, or is gone: nothing more may be written for it. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** Which server works with which device. Times are those of the database's clock, the only one that all servers share. */
export interface LeaseRows {
  /**
   * Takes those of the devices that are no other server's: they are nobody's, this server's own from before, or were not
   * renewed in time.
   * @param forMs until when, unless they are renewed
   */
  take(deviceIds: readonly string[], forMs: number): Promise<Lease[]>;
  /** Renews everything that is this server's. @returns all of it; what is missing was taken by others, or is gone */
  renew(forMs: number): Promise<Lease[]>;
  /** Notes the states of devices of this server, for others to tell. */
  noteStates(states: ReadonlyMap<string, string>): Promise<void>;
  /** Gives up what is still this server's: others may take it at once. */
  release(leases: readonly Lease[]): Promise<void>;
  /** @returns the states of those of the devices that are another server's, as that noted them last */
  statesElsewhere(deviceIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** @param serverId of this server; a new start of the same server has it again */
export function leasesIn(database: Database, serverId: string): LeaseRows {
  const now = databaseNow(database);

  return {
    async take(deviceIds, forMs) {
      const taken: Lease[] = [];
      for (let start = 0; start < deviceIds.length; start += idsAtOnce) {
        const ids = deviceIds.slice(start, start + idsAtOnce);
        const rows = await database
          .insertInto("device_leases")
          .columns(["device_id", "server_id", "fence", "expires_at", "state"])
          .expression((make) =>
            make
              .selectFrom("devices")
              .where("id", "in", ids)
              .select(({ cast, val }) => [
                "id",
                cast<string>(val(serverId), "text").as("server_id"),
                sql<number>`1`.as("fence"),
                sql<number>`${now} + ${sql.lit(forMs)}`.as("expires_at"),
                sql<string>`''`.as("state"),
              ])
              // So that servers that take the same ones do not wait for each other.
              .orderBy("id"),
          )
          .onConflict((conflict) =>
            conflict
              .column("device_id")
              .doUpdateSet(({ ref, eb }) => ({
                server_id: ref("excluded.server_id"),
                fence: eb("device_leases.fence", "+", 1),
                expires_at: ref("excluded.expires_at"),
                state: ref("excluded.state"),
              }))
              .where(({ or, eb }) =>
                or([eb("device_leases.server_id", "=", serverId), eb("device_leases.expires_at", "<=", now)]),
              ),
          )
          .returning(["device_id", "server_id", "fence"])
          .execute();
        taken.push(...rows.map(leaseOf));
      }
      return taken;
    },

    async renew(forMs) {
      const rows = await database
        .updateTable("device_leases")
        .set({ expires_at: sql<number>`${now} + ${sql.lit(forMs)}` })
        .where("server_id", "=", serverId)
        .where("expires_at", "!=", released)
        .returning(["device_id", "server_id", "fence"])
        .execute();
      return rows.map(leaseOf);
    },

    async noteStates(states) {
      const note = async (connection: Kysely<Tables>) => {
        for (const [deviceId, state] of states) {
          await connection
            .updateTable("device_leases")
            .set({ state })
            .where("device_id", "=", deviceId)
            .where("server_id", "=", serverId)
            .execute();
        }
      };
      // SQLite writes to the disk once then; in PostgreSQL, whoever has one row would wait for the next.
      if (isPostgres(database)) await note(database);
      else if (states.size > 0) await database.transaction().execute(note);
    },

    async release(leases) {
      for (let start = 0; start < leases.length; start += idsAtOnce) {
        await database
          .updateTable("device_leases")
          .set({ expires_at: released })
          .where("server_id", "=", serverId)
          .where(({ or, and, eb }) =>
            or(
              leases
                .slice(start, start + idsAtOnce)
                .map(({ deviceId, fence }) => and([eb("device_id", "=", deviceId), eb("fence", "=", fence)])),
            ),
          )
          .execute();
      }
    },

    async statesElsewhere(deviceIds) {
      if (deviceIds.length === 0) return new Map();
      const rows = await database
        .selectFrom("device_leases")
        .select(["device_id", "state"])
        .where("device_id", "in", deviceIds)
        .where("server_id", "!=", serverId)
        .where("expires_at", ">", now)
        .execute();
      return new Map(rows.map(({ device_id, state }) => [device_id, state]));
    },
  };
}

/**
 * Keeps the lease from being taken until the transaction ends, so that what is written in it is written by its holder.
 * @throws LeaseLost
 */
export async function holdLease(
  transaction: Kysely<Tables>,
  { deviceId, serverId, fence }: Lease,
): Promise<void> {
  // Whoever deletes the device locks it first, and its lease then. In another order each would wait for the other.
  if (isPostgres(transaction))
    await transaction.selectFrom("devices").select("id").where("id", "=", deviceId).forKeyShare().execute();
  const { numUpdatedRows } = await transaction
    .updateTable("device_leases")
    .set(({ ref }) => ({ state: ref("state") }))
    .where("device_id", "=", deviceId)
    .where("server_id", "=", serverId)
    .where("fence", "=", fence)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) throw new LeaseLost(`device ${deviceId} is not this server's any more`);
}

/** When a lease has expired that was given up. */
const released = 0;

/** As many as a database takes in one statement. */
const idsAtOnce = 500;

function leaseOf(row: { device_id: string; server_id: string; fence: number }): Lease {
  return { deviceId: row.device_id, serverId: row.server_id, fence: row.fence };
}

/** Which server works with which device. */
export async function addDeviceLeases(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("device_leases")
    .ifNotExists()
    .addColumn("device_id", "text", (column) =>
      column.primaryKey().references("devices.id").onDelete("cascade"),
    )
    .addColumn("server_id", "text", (column) => column.notNull())
    .addColumn("fence", "integer", (column) => column.notNull())
    .addColumn("expires_at", "bigint", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("device_leases_of_server")
    .ifNotExists()
    .on("device_leases")
    .column("server_id")
    .execute();
}
