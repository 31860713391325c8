import { type ExpressionBuilder, type Kysely, sql } from "kysely";
import { databaseNow, isPostgres } from "../engine/dialect.ts";
import type { Tables } from "../schema/tables.ts";

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

/**
 * Which server works with which device. Times are those of the database's clock, the only one that all servers share.
 *
 * In PostgreSQL no statement waits here for the row of one device, so that a slow transaction of one never keeps the others'
 * leases from being renewed: rows that others have locked are passed over.
 */
export interface LeaseRepository {
  /**
   * Takes those of the devices that are no other server's: they are nobody's, this server's own or of an earlier run of it, or
   * were not renewed in time. One that somebody is still writing for, or deleting, is passed over.
   * @param forMs until when, unless they are renewed
   */
  take(deviceIds: readonly string[], forMs: number): Promise<Lease[]>;
  /**
   * Renews everything that is this server's.
   * @returns what was renewed; what is missing was taken by others, is gone, or was passed over: `own` tells
   */
  renew(forMs: number): Promise<Lease[]>;
  /** @returns those of the devices that are stored as this server's, renewed in time or not */
  own(deviceIds: readonly string[]): Promise<Lease[]>;
  /** Notes the states of devices of this server, for others to tell. @returns the devices of which it is noted */
  noteStates(states: ReadonlyMap<string, string>): Promise<ReadonlySet<string>>;
  /** Gives up what is still this server's: others may take it at once. What is passed over runs out by itself. */
  release(leases: readonly Lease[]): Promise<void>;
  /** @returns the states of those of the devices that are another server's, as that noted them last */
  statesElsewhere(deviceIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * @returns for how long a device is another server's unless that renews it, in milliseconds; 0: it is nobody's.
   * `undefined`: there is no such device
   */
  leftElsewhere(deviceId: string): Promise<number | undefined>;
}

/**
 * @param serverId of this server; no other one has it, nor has another run of the same one
 * @param predecessors runs that have ended for certain: what is theirs is free for this server
 */
export function leaseRepository(
  database: Kysely<Tables>,
  serverId: string,
  predecessors: readonly string[] = [],
): LeaseRepository {
  const own = [serverId, ...predecessors];
  const now = databaseNow(database);
  const later = (ms: number) => sql<number>`${now} + ${sql.lit(ms)}`;
  /** Has rows that others have locked passed over. SQLite knows no locks of rows: one writes at a time, and for long nobody. */
  const passing = isPostgres(database);

  return {
    async take(deviceIds, forMs) {
      const taken: Lease[] = [];
      for (const ids of inParts(deviceIds)) {
        await addMissing(database, ids);
        const isFree = ({ or, eb }: ExpressionBuilder<Tables, "device_leases">) =>
          or([eb("server_id", "in", own), eb("expires_at", "<=", now)]);
        const rows = await database
          .updateTable("device_leases")
          .set(({ eb }) => ({
            server_id: serverId,
            fence: eb("fence", "+", 1),
            expires_at: later(forMs),
            state: "",
          }))
          .where("device_id", "in", ({ selectFrom }) =>
            selectFrom("device_leases")
              .select("device_id")
              .where("device_id", "in", ids)
              .where(isFree)
              // Also against those who only share the row, to write for the device.
              .$if(passing, (query) => query.forUpdate().skipLocked()),
          )
          .where(isFree)
          .returning(["device_id", "server_id", "fence"])
          .execute();
        taken.push(...rows.map(leaseOf));
      }
      return taken;
    },

    async renew(forMs) {
      const rows = await database
        .updateTable("device_leases")
        .set({ expires_at: later(forMs) })
        .where("device_id", "in", ({ selectFrom }) =>
          selectFrom("device_leases")
            .select("device_id")
            .where("server_id", "=", serverId)
            .where("expires_at", "!=", released)
            .$if(passing, (query) => query.forNoKeyUpdate().skipLocked()),
        )
        .where("server_id", "=", serverId)
        .where("expires_at", "!=", released)
        .returning(["device_id", "server_id", "fence"])
        .execute();
      return rows.map(leaseOf);
    },

    async own(deviceIds) {
      const stored: Lease[] = [];
      for (const ids of inParts(deviceIds)) {
        const rows = await database
          .selectFrom("device_leases")
          .select(["device_id", "server_id", "fence"])
          .where("device_id", "in", ids)
          .where("server_id", "=", serverId)
          .where("expires_at", "!=", released)
          .execute();
        stored.push(...rows.map(leaseOf));
      }
      return stored;
    },

    async noteStates(states) {
      const noted = new Set<string>();
      const note = async (connection: Kysely<Tables>) => {
        for (const [deviceId, state] of states) {
          const { numUpdatedRows } = await connection
            .updateTable("device_leases")
            .set({ state })
            .where("device_id", "in", ({ selectFrom }) =>
              selectFrom("device_leases")
                .select("device_id")
                .where("device_id", "=", deviceId)
                .$if(passing, (query) => query.forNoKeyUpdate().skipLocked()),
            )
            .where("server_id", "=", serverId)
            .executeTakeFirstOrThrow();
          if (numUpdatedRows > 0n) noted.add(deviceId);
        }
      };
      // SQLite writes to the disk once then; in PostgreSQL, whoever has one row would wait for the next.
      if (passing) await note(database);
      else if (states.size > 0) await database.transaction().execute(note);
      return noted;
    },

    async release(leases) {
      for (const part of inParts(leases)) {
        await database
          .updateTable("device_leases")
          .set({ expires_at: released })
          .where("device_id", "in", ({ selectFrom }) =>
            selectFrom("device_leases")
              .select("device_id")
              .where("server_id", "=", serverId)
              .where(({ or, and, eb }) =>
                or(
                  part.map(({ deviceId, fence }) =>
                    and([eb("device_id", "=", deviceId), eb("fence", "=", fence)]),
                  ),
                ),
              )
              .$if(passing, (query) => query.forNoKeyUpdate().skipLocked()),
          )
          .where("server_id", "=", serverId)
          .execute();
      }
    },

    async statesElsewhere(deviceIds) {
      if (deviceIds.length === 0) return new Map();
      const rows = await database
        .selectFrom("device_leases")
        .select(["device_id", "state"])
        .where("device_id", "in", deviceIds)
        .where("server_id", "not in", own)
        .where("expires_at", ">", now)
        .execute();
      return new Map(rows.map(({ device_id, state }) => [device_id, state]));
    },

    async leftElsewhere(deviceId) {
      const row = await database
        .selectFrom("devices")
        .leftJoin("device_leases", "device_leases.device_id", "devices.id")
        .select(["server_id", sql<number | string | null>`device_leases.expires_at - ${now}`.as("left")])
        .where("devices.id", "=", deviceId)
        .executeTakeFirst();
      if (!row) return undefined;
      return own.includes(row.server_id ?? "") ? 0 : Math.max(0, Number(row.left ?? 0));
    },
  };
}

/** Makes the rows of devices that were never taken: they are nobody's yet. */
async function addMissing(database: Kysely<Tables>, deviceIds: readonly string[]): Promise<void> {
  await database
    .insertInto("device_leases")
    .columns(["device_id", "server_id", "fence", "expires_at", "state"])
    .expression((make) =>
      make
        .selectFrom("devices")
        .where("id", "in", deviceIds)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(selectFrom("device_leases").select("device_id").whereRef("device_id", "=", "devices.id")),
          ),
        )
        .select([
          "id",
          sql<string>`''`.as("server_id"),
          sql<number>`0`.as("fence"),
          sql.lit(released).as("expires_at"),
          sql<string>`''`.as("state"),
        ])
        // So that servers that add the same ones do not wait for each other.
        .orderBy("id")
        // As the foreign key does it, which would wait for whoever deletes one.
        .$if(isPostgres(database), (query) => query.forKeyShare().skipLocked()),
    )
    .onConflict((conflict) => conflict.column("device_id").doNothing())
    .execute();
}

/**
 * Keeps the lease from being taken until the transaction ends, so that what is written in it is written by its holder. It can
 * be renewed meanwhile, however long that takes.
 * @throws LeaseLost
 */
export async function holdLease(transaction: Kysely<Tables>, lease: Lease): Promise<void> {
  const isHeld = isPostgres(transaction)
    ? await shareLease(transaction, lease)
    : await touchLease(transaction, lease);
  if (!isHeld) throw new LeaseLost(`device ${lease.deviceId} is not this server's any more`);
}

/**
 * In PostgreSQL, whoever shares the key of a row lets others change what is no key in it, as a renewal does; `take` locks the
 * row altogether.
 */
async function shareLease(
  transaction: Kysely<Tables>,
  { deviceId, serverId, fence }: Lease,
): Promise<boolean> {
  // Whoever deletes the device locks it first, and its lease then. In another order each would wait for the other.
  await transaction.selectFrom("devices").select("id").where("id", "=", deviceId).forKeyShare().execute();
  const row = await transaction
    .selectFrom("device_leases")
    .select("device_id")
    .where("device_id", "=", deviceId)
    .where("server_id", "=", serverId)
    .where("fence", "=", fence)
    .forKeyShare()
    .executeTakeFirst();
  return row !== undefined;
}

/** In SQLite, whoever writes is the only one to write until the transaction ends. */
async function touchLease(
  transaction: Kysely<Tables>,
  { deviceId, serverId, fence }: Lease,
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable("device_leases")
    .set(({ ref }) => ({ state: ref("state") }))
    .where("device_id", "=", deviceId)
    .where("server_id", "=", serverId)
    .where("fence", "=", fence)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** When a lease has expired that was given up. */
export const released = 0;

/** As many as a database takes in one statement. */
const idsAtOnce = 500;

/** @returns them in parts that a database takes in one statement */
function* inParts<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += idsAtOnce) yield items.slice(start, start + idsAtOnce);
}

function leaseOf(row: { device_id: string; server_id: string; fence: number }): Lease {
  return { deviceId: row.device_id, serverId: row.server_id, fence: row.fence };
}
