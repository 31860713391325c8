import type { DeviceState, DeviceUpdate, Device as DeviceView, NewDevice } from "@wuts/contract";
import PQueue from "p-queue";
import type { Logger } from "pino";
import type { DeleteDevices, DeviceDecommissioning } from "../accounts/device-decommissioning.ts";
import { withAuthorizedTransaction } from "../accounts/repositories/authorized-transaction.ts";
import type { Caller } from "../kernel/caller.ts";
import { Failure } from "../kernel/failures.ts";
import { requireRoom } from "../kernel/quotas.ts";
import { rolesWithinReach } from "../kernel/roles.ts";
import type { ChangesElsewhere } from "../storage/engine/changes-elsewhere.ts";
import type { Database } from "../storage/engine/database.ts";
import type { ServerId } from "../storage/engine/server-id.ts";
import { type KeepResponse, keepNothing } from "../storage/idempotency/keep-response.ts";
import { leaseRepository } from "../storage/leasing/leases.repository.ts";
import { cursorOf, type KeysetCursor, type Page, paginate } from "../storage/pagination/keyset-cursor.ts";
import type { DeviceRow } from "../storage/schema/tables.ts";
import { type Device, isBanOver } from "./device.ts";
import type { ServerModule } from "./device-module.ts";
import { countByState, isState, stateAtRest } from "./device-states.ts";
import { deviceView } from "./device-views.ts";
import { type DeviceChanges, type DeviceRepository, deviceRepository } from "./devices.repository.ts";
import { DeviceLeases, type HeldLease } from "./leases/device-leases.ts";
import { OwnedDevices } from "./owned-devices.ts";
import type { QueryClient } from "./query-client.ts";
import { StartupRestore } from "./startup-restore.ts";

/** A device in memory with the services of its features. */
export interface LiveDevice {
  readonly device: Device;
  readonly queries: QueryClient;
}

/** Signals that end work for devices. */
export interface DeviceSignals {
  /** Aborted when requests must stop waiting for devices to connect. */
  readonly draining: AbortSignal;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
}

/**
 * Creates the services of a device that this server has just leased. Opens no connection yet.
 * @param row as stored after the lease was taken
 * @param lease needed to write the device's credentials and row
 */
export type ComposeDevice<Live extends LiveDevice> = (
  row: DeviceRow,
  lease: HeldLease,
  signals: DeviceSignals,
) => Live;

/** Dependencies of the device registry. */
export interface DeviceRegistryParts<Live extends LiveDevice> {
  readonly database: Database;
  readonly compose: ComposeDevice<Live>;
  readonly modules: readonly ServerModule[];
  readonly options: DeviceRegistryOptions;
  readonly log: Logger;
}

export interface DeviceRegistryOptions {
  /** This server's id, among all servers on the database. */
  readonly serverId: Pick<ServerId, "id" | "predecessors">;
  /** Database access that does not wait behind requests. */
  readonly urgent: Database;
  /** Has been checked since a request was sent before the request gets here. */
  readonly elsewhere: Pick<ChangesElsewhere, "version">;
  /** How long a lease lasts without a renewal, in milliseconds. */
  readonly leaseMs: number;
  readonly restoreConcurrency: number;
  /** Per tenant; 0 means no limit. */
  readonly maxDevices: number;
  /** Called for each request that reaches a device; it may refuse the request by throwing a Failure. */
  readonly countRequest: (caller: Caller, deviceId: string) => void;
}

/** Totals over all devices in memory. */
export interface DeviceStats {
  readonly byState: Readonly<Record<DeviceState, number>>;
  /** Queries that wait in the devices' queues. */
  readonly waiting: number;
  readonly running: number;
}

/** Registry of this server's devices: each is in memory at most once, and only permitted callers get it. */
export class DeviceRegistry<Live extends LiveDevice = LiveDevice> implements DeviceDecommissioning {
  readonly #database: Database;
  readonly #compose: ComposeDevice<Live>;
  readonly #modules: readonly ServerModule[];
  readonly #leases: DeviceLeases;
  readonly #options: DeviceRegistryOptions;
  readonly #log: Logger;
  readonly #live = new Map<string, Live>();
  /** When each device was last used, by `performance.now()`. */
  readonly #lastUsedAt = new Map<string, number>();
  /** The states that were last published to other servers. */
  readonly #publishedStates = new Map<string, DeviceState>();
  /** When the modules last tidied, by `performance.now()`; `undefined`: tidying is due. */
  #tidiedAt: number | undefined;
  readonly #owned: OwnedDevices;
  readonly #restore: StartupRestore;
  #restored: Promise<void> | undefined;
  readonly #decommissioning = new PQueue({ concurrency: 8 });
  /** Aborted when requests must stop waiting for devices to connect. */
  readonly #draining = new AbortController();
  /** Aborted when the server stops. */
  readonly #shutdown = new AbortController();

  constructor({ database, compose, modules, options, log }: DeviceRegistryParts<Live>) {
    this.#database = database;
    this.#compose = compose;
    this.#modules = modules;
    this.#options = options;
    this.#log = log;
    this.#owned = new OwnedDevices(database, options.elsewhere);
    this.#restore = this.#newRestore();
    this.#leases = new DeviceLeases(
      leaseRepository(options.urgent, options.serverId.id, options.serverId.predecessors),
      {
        leaseMs: options.leaseMs,
        onLost: (deviceId) => this.#onLeaseLost(deviceId),
        afterRenewal: () => this.#reconcile(),
      },
      log,
    );
  }

  /** @throws Failure Unauthorized when the caller's token has stopped working */
  async create(caller: Caller, device: NewDevice, keep: KeepResponse): Promise<DeviceView> {
    return this.#newView(await this.#create(caller, device, { keep }));
  }

  #newView(row: DeviceRow): DeviceView {
    return this.#viewWithState(row, noOtherServers);
  }

  /** @returns one page of the caller's devices, and the cursor of the next page */
  async list(caller: Caller, limit: number, after: KeysetCursor | undefined): Promise<Page<DeviceView>> {
    const rows = await deviceRepository(this.#database).listOwned(caller.userId, limit + 1, after);
    const elsewhere = await this.#leases.statesElsewhere(rows.map(({ id }) => id));
    return paginate(rows, limit, (row) => this.#viewWithState(row, elsewhere), cursorOf);
  }

  /**
   * Picks a device: the named one, else the caller's only one, else the caller's only connected one. Managers and admins
   * may name devices of any user in their tenant who is not above them.
   * @throws Failure DeviceNotFound, DeviceAmbiguous, DeviceElsewhere, RateLimited
   */
  async forCaller(caller: Caller, deviceId: string | undefined): Promise<Live> {
    const live = await this.#pick(caller, deviceId);
    this.#options.countRequest(caller, live.device.id);
    return live;
  }

  /**
   * As `forCaller`, for operations that need a connection: waits while the device is connecting.
   * @param signal aborted when the client no longer waits for the response
   * @throws Failure as `forCaller`, DeviceNotPaired, DeviceNotReady, DeviceBusy; the reason of `signal`
   */
  async readyForCaller(caller: Caller, deviceId: string | undefined, signal: AbortSignal): Promise<Live> {
    const live = await this.forCaller(caller, deviceId);
    await live.device.untilReady(signal);
    return live;
  }

  /**
   * Checks that the caller has such a device, without using it.
   * @throws Failure DeviceNotFound, DeviceAmbiguous when `forCaller` would
   */
  async require(caller: Caller, deviceId: string | undefined): Promise<void> {
    await this.#choose(caller, deviceId);
  }

  async #pick(caller: Caller, deviceId: string | undefined): Promise<Live> {
    return this.#load(await this.#choose(caller, deviceId));
  }

  /** @returns the id of the device that the caller means, and may work with */
  async #choose(caller: Caller, deviceId: string | undefined): Promise<string> {
    if (deviceId !== undefined) {
      // A device in memory is its owner's for as long as it is there.
      if (this.#live.get(deviceId)?.device.userId === caller.userId) return deviceId;
      return (await find(deviceRepository(this.#database), caller, deviceId)).id;
    }
    const owned = await this.#owned.of(caller.userId);
    const [first] = owned;
    if (!first) throw new Failure("DeviceNotFound", { message: "you have no device yet; GET /qr makes one" });
    if (owned.length === 1) return first;
    const elsewhere = await this.#leases.statesElsewhere(owned);
    const connected = owned.filter(
      (id) => (this.#live.get(id)?.device.state ?? elsewhere.get(id)) === "connected",
    );
    const [only] = connected;
    if (only && connected.length === 1) return only;
    throw new Failure("DeviceAmbiguous", {
      message: `several devices could be meant; choose one with device_id: ${owned.join(", ")}`,
      candidates: owned,
    });
  }

  /** Picks the device to pair. Creates one if the caller has none and names none. @throws Failure as `forCaller` */
  async forPairing(caller: Caller, deviceId: string | undefined): Promise<Live> {
    if (deviceId !== undefined) return this.forCaller(caller, deviceId);
    const [any] = await deviceRepository(this.#database).listOwned(caller.userId, 1);
    if (any) return this.forCaller(caller, undefined);
    const { id } = await this.#create(caller, { name: "Device 1" }, { unlessThereIsOne: true });
    return this.forCaller(caller, id);
  }

  /**
   * Changes a device. Omitted settings stay; a new rate applies at once.
   * @throws Failure DeviceNotFound, RateLimited, Unauthorized when the caller's token has stopped working
   */
  async update(caller: Caller, deviceId: string, update: DeviceUpdate): Promise<DeviceView> {
    const { device } = await this.forCaller(caller, deviceId);
    await device.change(() =>
      withAuthorizedTransaction(
        this.#database,
        caller,
        async ({ transaction, caller: callerNow, record }) => {
          const rows = deviceRepository(transaction);
          const row = await find(rows, callerNow, deviceId);
          const changes = changesOf(row, update);
          const fields = Object.keys(changes);
          if (fields.length === 0) return undefined;
          await rows.update(deviceId, changes);
          const details = { user_id: row.user_id, fields };
          await record({ action: "device.updated", target: { type: "device", id: deviceId }, details });
          return changes;
        },
      ),
    );
    return device.view();
  }

  /**
   * Unlinks and removes a device.
   * @returns whether WhatsApp confirmed the unlinking
   * @throws Failure DeviceNotFound, DeviceElsewhere, RateLimited
   */
  async delete(caller: Caller, deviceId: string): Promise<boolean> {
    const row = await find(deviceRepository(this.#database), caller, deviceId);
    this.#options.countRequest(caller, row.id);
    await this.#load(row.id);
    return this.#decommission([row], ([retired]) =>
      withAuthorizedTransaction(this.#database, caller, async ({ transaction, record }) => {
        if (!(await deviceRepository(transaction).delete(deviceId))) throw new Failure("DeviceNotFound");
        const unlinked = retired?.unlinked ?? false;
        const details = { user_id: row.user_id, unlinked };
        await record({ action: "device.deleted", target: { type: "device", id: deviceId }, details });
        return unlinked;
      }),
    );
  }

  async decommissionByUser<Result>(userId: string, remove: DeleteDevices<Result>): Promise<Result> {
    return this.#decommission(await deviceRepository(this.#database).listAllOwned(userId), remove);
  }

  async decommissionByTenant<Result>(tenantId: string, remove: DeleteDevices<Result>): Promise<Result> {
    return this.#decommission(await deviceRepository(this.#database).listAllInTenant(tenantId), remove);
  }

  stats(): DeviceStats {
    const all = [...this.#live.values()];
    const byState = countByState(all.map(({ device }) => device.state));
    const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);
    return {
      byState,
      waiting: sum(all.map(({ queries }) => queries.waiting)),
      running: sum(all.map(({ queries }) => queries.running)),
    };
  }

  /** Whether there may be devices that `restore` has not yet tried to connect. */
  get isRestoring(): boolean {
    return !this.#restore.isOver;
  }

  /** Connects every paired device, some at a time. Resolves when each has been tried once, or on `stop`. */
  restore(): Promise<void> {
    this.#restored = this.#restoreAll();
    return this.#restored;
  }

  async #restoreAll(): Promise<void> {
    for (const module of this.#modules) await module.start?.();
    await this.#tidy();
    this.#leases.start();
    await this.#restore.run(
      async () => this.#claimToRestore(await deviceRepository(this.#database).listToRestore()),
      (row) => this.#restoreOne(row),
    );
  }

  /** Ends all waits of requests for a connection, and allows no new ones. */
  rejectWaiters(): void {
    this.#draining.abort();
  }

  /** Ends all connections without unlinking; nothing can be opened afterwards. */
  async stop(): Promise<void> {
    this.#shutdown.abort();
    await this.#stopAll();
    await this.#leases.stop();
    // Devices that were being restored or taken over.
    await this.#stopAll();
    await this.#restored?.catch(() => undefined);
    await this.#leases.releaseAll();
    for (const module of this.#modules) await module.stop?.();
  }

  async #stopAll(): Promise<void> {
    await Promise.all([...this.#live.values()].map(({ device }) => device.stop()));
  }

  /** @param unlessThereIsOne returns the caller's oldest device instead, also if it was created just now */
  #create(
    caller: Caller,
    { name, picture_pace_per_minute }: NewDevice,
    { unlessThereIsOne = false, keep = keepNothing }: { unlessThereIsOne?: boolean; keep?: KeepResponse },
  ): Promise<DeviceRow> {
    const creating = withAuthorizedTransaction(this.#database, caller, async ({ transaction, record }) => {
      if (unlessThereIsOne) {
        const [oldest] = await deviceRepository(transaction).listOwned(caller.userId, 1);
        if (oldest) return oldest;
      }
      const there = await deviceRepository(transaction).countInTenant(caller.tenantId);
      requireRoom("your tenant has", "devices", there, this.#options.maxDevices);
      const row = await deviceRepository(transaction).create(caller.userId, name, picture_pace_per_minute);
      const details = { user_id: caller.userId };
      await record({ action: "device.created", target: { type: "device", id: row.id }, details });
      await keep(transaction, this.#newView(row));
      return row;
    });
    return creating.finally(() => this.#owned.forget());
  }

  /** Removes devices. Concurrent requests for them get the stopped device, which opens no connection. */
  async #decommission<Result>(rows: readonly DeviceRow[], remove: DeleteDevices<Result>): Promise<Result> {
    const unlinkUntil = performance.now() + maxDecommissionMs;
    try {
      const retired = await this.#decommissioning.addAll(
        rows.map((row) => async () => {
          const live = await this.#load(row.id).catch(ignoreAbsent);
          return {
            id: row.id,
            unlinked: (await live?.device.decommission(performance.now() < unlinkUntil)) ?? false,
          };
        }),
      );
      return await remove(retired);
    } finally {
      this.#owned.forget();
      for (const { id } of rows) this.#forget(id);
      await this.#tidy();
    }
  }

  async #tidy(): Promise<void> {
    this.#tidiedAt = performance.now();
    for (const module of this.#modules) await module.tidy?.();
  }

  /** @returns whether it is connected */
  async #restoreOne(row: DeviceRow): Promise<boolean> {
    if (this.#shutdown.signal.aborted) return false;
    try {
      const { device } = await this.#load(row.id);
      if (this.#shutdown.signal.aborted) return false;
      await device.restore(stateAtRest(row.standing));
      return device.state === "connected";
    } catch (error) {
      this.#log.warn({ device_id: row.id, err: error }, "a device could not be restored at once");
      return false;
    }
  }

  /**
   * @returns the device, as this server's
   * @throws Failure DeviceElsewhere, or DeviceNotFound when it is gone meanwhile
   */
  async #load(id: string): Promise<Live> {
    const known = this.#live.get(id);
    if (known) return this.#touch(known);
    const lease = await this.#leases.hold(id);
    // The server that held the lease before may have changed the row since it was last read.
    const rowNow = await deviceRepository(this.#database).find(id);
    const meanwhile = this.#live.get(id);
    if (meanwhile) return this.#touch(meanwhile);
    if (lease.lost.aborted) throw new Failure("DeviceElsewhere");
    if (!rowNow) throw new Failure("DeviceNotFound");
    const live = this.#compose(rowNow, lease, {
      draining: this.#draining.signal,
      stopping: this.#shutdown.signal,
    });
    this.#live.set(id, live);
    // The device's former server has ended. During a start, the restore connects the device.
    if (!this.isRestoring && isToRestore(rowNow)) void this.#restoreOne(rowNow);
    return this.#touch(live);
  }

  #touch(live: Live): Live {
    this.#lastUsedAt.set(live.device.id, performance.now());
    return live;
  }

  /** Drops a device at once: another server may open a connection from now on, or has deleted the device. */
  #onLeaseLost(deviceId: string): void {
    this.#tidiedAt = undefined;
    const live = this.#live.get(deviceId);
    this.#forget(deviceId);
    live?.device.abandon();
  }

  #forget(deviceId: string): void {
    this.#live.delete(deviceId);
    this.#lastUsedAt.delete(deviceId);
  }

  /** Periodic work that concerns other servers. */
  async #reconcile(): Promise<void> {
    await this.#publishStates();
    await this.#evictIdle();
    if (performance.now() - (this.#tidiedAt ?? Number.NEGATIVE_INFINITY) >= tidyEveryMs) await this.#tidy();
    if (!this.isRestoring) await this.#claimAbandoned();
  }

  /** Publishes device states: other servers cannot read them from this one's memory. */
  async #publishStates(): Promise<void> {
    const changed = [...this.#live.values()].filter(
      ({ device }) => device.state !== this.#publishedStates.get(device.id),
    );
    const states = new Map(changed.map(({ device }) => [device.id, device.state]));
    const noted = await this.#leases.publishStates(states);
    for (const [id, state] of states) if (noted.has(id)) this.#publishedStates.set(id, state);
    for (const id of this.#publishedStates.keys()) if (!this.#live.has(id)) this.#publishedStates.delete(id);
  }

  /** Releases devices that are idle and at rest, so that any server may take them. */
  async #evictIdle(): Promise<void> {
    const unusedSince = performance.now() - this.#options.leaseMs;
    for (const { device } of [...this.#live.values()]) {
      if (!device.isLetGo || (this.#lastUsedAt.get(device.id) ?? 0) > unusedSince) continue;
      this.#forget(device.id);
      await device.stop();
      await this.#leases.release(device.id);
    }
  }

  /** Connects the devices of servers that are gone, and those whose ban is over. */
  async #claimAbandoned(): Promise<void> {
    const isMissing = ({ id }: DeviceRow) => this.#live.get(id)?.device.waitsToBeRestored ?? true;
    const rows = (await deviceRepository(this.#database).listToRestore()).filter(isMissing);
    const elsewhere = await this.#leases.statesElsewhere(rows.map(({ id }) => id));
    const free = rows.filter(({ id }) => !elsewhere.has(id));
    if (free.length === 0 || this.#shutdown.signal.aborted) return;
    await this.#newRestore().run(
      () => this.#claimToRestore(free),
      (row) => this.#restoreOne(row),
    );
  }

  /** @returns the devices that this server could lease, as stored after that */
  async #claimToRestore(rows: readonly DeviceRow[]): Promise<DeviceRow[]> {
    await this.#leases.holdFree(rows.map(({ id }) => id));
    const rowsNow = await deviceRepository(this.#database).listToRestore();
    return rowsNow.filter(({ id }) => this.#leases.has(id));
  }

  #newRestore(): StartupRestore {
    return new StartupRestore(
      {
        concurrency: this.#options.restoreConcurrency,
        jitterMs: restoreJitterMs,
        stopping: this.#shutdown.signal,
      },
      this.#log,
    );
  }

  /** @param elsewhere the states of the devices that other servers hold */
  #viewWithState(row: DeviceRow, elsewhere: ReadonlyMap<string, string>): DeviceView {
    const live = this.#live.get(row.id);
    if (live) return live.device.view();
    const state = elsewhere.get(row.id) ?? "";
    return deviceView(row, isState(state) ? state : stateAtRest(row.standing));
  }
}

/** A new device is held by no other server. */
const noOtherServers: ReadonlyMap<string, string> = new Map();

/** @returns the device that the caller may work with @throws Failure DeviceNotFound */
async function find(rows: DeviceRepository, caller: Caller, deviceId: string): Promise<DeviceRow> {
  const { tenantId, userId, role } = caller;
  const row = await rows.findWithin({ tenantId, userId, roles: rolesWithinReach(role) }, deviceId);
  if (!row) throw new Failure("DeviceNotFound");
  return row;
}

/** Whether a starting server connects the device, by its stored state. */
function isToRestore(row: DeviceRow): boolean {
  const { standing } = row;
  return standing === "paired" || standing === "replaced" || (standing === "banned" && isBanOver(row));
}

/** Ignores devices that other servers hold or that are deleted: this server has nothing of them to end. */
function ignoreAbsent(error: unknown): undefined {
  if (error instanceof Failure && ["DeviceElsewhere", "DeviceNotFound"].includes(error.name))
    return undefined;
  throw error;
}

/** @returns the parts of the update that differ from the row */
function changesOf(
  row: DeviceRow,
  { name = row.name, picture_pace_per_minute: pace }: DeviceUpdate,
): DeviceChanges {
  return {
    ...(name !== row.name && { name }),
    ...(pace !== undefined && pace !== row.picture_pace_per_minute && { picture_pace_per_minute: pace }),
  };
}

/** Spreads the first logins, so that they do not come in the same instant; short compared with a login. */
const restoreJitterMs = 250;

/** How long WhatsApp is asked to unlink the devices of a user or tenant; the remaining ones are ended without it. */
const maxDecommissionMs = 30_000;

/** How often the modules tidy; other servers delete devices and log them out, too. */
const tidyEveryMs = 600_000;
