import { type ExpressionBuilder, type Kysely, sql } from "kysely";
import { databaseNow, isPostgres } from "../engine/dialect.ts";
import type { Tables } from "../schema/tables.ts";

/** The right of one server to work with a device. */
export interface Lease {
  readonly deviceId: string;
  readonly serverId: string;
  /**
   * Fencing token, which rises each time a server takes the device. A server that writes with a lower number than the stored
   * one has lost the device, even if it does not know that yet.
   */
  readonly fence: number;
}

/** The device has been taken by another server, or is gone: nothing more may be written for it. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/**
 * Leases: which server works with which device. Times are those of the database's clock, the only one that all servers share.
 *
 * In PostgreSQL, no statement here waits for the row of one device: it skips rows that other transactions have locked. A slow
 * transaction for one device therefore never delays the renewal of other leases.
 */
export interface LeaseRepository {
  /**
   * Takes those of the devices that no other server holds: the lease is free, belongs to this server or an earlier run of it,
   * or has expired. Skips a device while a transaction writes for it or deletes it.
   * @param forMs how long the leases last unless they are renewed, in milliseconds
   */
  take(deviceIds: readonly string[], forMs: number): Promise<Lease[]>;
  /**
   * Renews all leases of this server.
   * @returns the renewed leases. A missing one was taken by another server, deleted with its device, or skipped: `own` shows
   * which
   */
  renew(forMs: number): Promise<Lease[]>;
  /** @returns those of the devices whose stored lease is this server's, expired or not */
  own(deviceIds: readonly string[]): Promise<Lease[]>;
  /**
   * Stores the states of this server's devices for other servers to report.
   * @returns the devices whose state was stored
   */
  noteStates(states: ReadonlyMap<string, string>): Promise<ReadonlySet<string>>;
  /**
   * Releases leases that this server still holds: other servers may take them at once. A skipped lease expires by itself.
   */
  release(leases: readonly Lease[]): Promise<void>;
  /** @returns the last stored states of those of the devices that another server holds */
  statesElsewhere(deviceIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * @returns for how long another server still holds the device unless it renews the lease, in milliseconds; 0 when no other
   * server holds it; `undefined` when there is no such device
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
  /**
   * Whether to skip rows that other transactions have locked. SQLite has no row locks: one transaction writes at a time, and
   * never for long.
   */
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
              // A full row lock: it also conflicts with transactions that only share the row, to write for the device.
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
      // In SQLite, one transaction is one disk write. In PostgreSQL, it would hold one row while it waits for the next.
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

/** Adds free leases for devices that no server has ever taken. */
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
        // In one order, so that servers that add the same rows do not wait for each other.
        .orderBy("id")
        // The foreign key check takes the same lock, but would wait for a transaction that deletes the device.
        .$if(isPostgres(database), (query) => query.forKeyShare().skipLocked()),
    )
    .onConflict((conflict) => conflict.column("device_id").doNothing())
    .execute();
}

/**
 * Keeps other servers from taking the lease until the transaction ends, so that only its holder writes in the transaction. The
 * lease can be renewed meanwhile, however long the transaction takes.
 * @throws LeaseLost
 */
export async function holdLease(transaction: Kysely<Tables>, lease: Lease): Promise<void> {
  const isHeld = isPostgres(transaction)
    ? await shareLease(transaction, lease)
    : await touchLease(transaction, lease);
  if (!isHeld) throw new LeaseLost(`device ${lease.deviceId} is not this server's any more`);
}

/**
 * Locks the lease in PostgreSQL with a key-share lock. Other transactions can still change columns outside the key, as a
 * renewal does; `take` needs the full row lock.
 */
async function shareLease(
  transaction: Kysely<Tables>,
  { deviceId, serverId, fence }: Lease,
): Promise<boolean> {
  // A transaction that deletes the device locks the device first, and its lease second. Another order here would deadlock.
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

/** Locks the lease in SQLite by a write: a transaction that writes is the only writer until it ends. */
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
