import PQueue from "p-queue";
import type { Logger } from "pino";
import { Failure } from "../failures.ts";
import type { Lease, LeaseRows } from "../storage/leases.ts";

/** A device that is this server's, for as long as it is. */
export interface HeldLease extends Lease {
  /** Aborted when the device is not this server's any more: nothing may be opened or written for it. */
  readonly lost: AbortSignal;
}

export interface LeasesOptions {
  /** For how long a device is this server's, unless it says that it still lives, in milliseconds. */
  readonly leaseMs: number;
  /** The device is not this server's any more. Its connection must be gone when this returns. */
  readonly onLost: (deviceId: string) => void;
  /** Called after a renewal, unless an earlier call is still under way; renewals do not wait for it. */
  readonly afterRenewal: () => Promise<void>;
}

interface Holding {
  readonly lease: HeldLease;
  readonly loss: AbortController;
  /** When it has to be given up unless it was renewed, by `performance.now()`. */
  until: number;
}

/**
 * The devices of this server, among all servers on the database. Each renews what it holds, by the database's clock; what is
 * not renewed in time may be taken by another one. A server that cannot renew gives up by its own clock before that: it counts
 * from before it asked, the database from after, and a sixth of the time lies between.
 */
export class Leases {
  readonly #rows: LeaseRows;
  readonly #options: LeasesOptions;
  readonly #log: Logger;
  readonly #holdings = new Map<string, Holding>();
  readonly #taking = new Map<string, Promise<HeldLease>>();
  /** One after the other: a device that is taken twice has two numbers, and whoever goes by the first one has lost it. */
  readonly #takes = new PQueue({ concurrency: 1 });
  /** The devices that the database is being asked for. */
  readonly #asked = new Set<string>();
  readonly #renewing = new Set<NodeJS.Timeout>();
  #expiry: NodeJS.Timeout | undefined;
  #renewal: Promise<void> = Promise.resolve();
  #afterwards: Promise<void> | undefined;
  #stopped = false;

  constructor(rows: LeaseRows, options: LeasesOptions, log: Logger) {
    this.#rows = rows;
    this.#options = options;
    this.#log = log;
  }

  /** Takes a device, unless it is this server's already. @throws Failure DeviceElsewhere, DeviceNotFound */
  async hold(deviceId: string): Promise<HeldLease> {
    const held = this.#holdings.get(deviceId);
    if (held) return held.lease;
    const taking = this.#taking.get(deviceId) ?? this.#take(deviceId);
    this.#taking.set(deviceId, taking);
    return taking.finally(() => this.#taking.delete(deviceId));
  }

  /** Takes those of the devices that no other server has. */
  async holdFree(deviceIds: readonly string[]): Promise<void> {
    const wanted = deviceIds.filter((id) => !this.#holdings.has(id));
    if (wanted.length === 0) return;
    const elsewhere = await this.#rows.statesElsewhere(wanted);
    await this.#takeAll(wanted.filter((id) => !elsewhere.has(id)));
  }

  has(deviceId: string): boolean {
    return this.#holdings.has(deviceId);
  }

  /** @returns the states of those of the devices that are another server's; an empty one is not known yet */
  statesElsewhere(deviceIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.#rows.statesElsewhere(deviceIds.filter((id) => !this.#holdings.has(id)));
  }

  /** Tells other servers in which states devices are. */
  noteStates(states: ReadonlyMap<string, string>): Promise<void> {
    return this.#rows.noteStates(states);
  }

  /** Lets others have a device that this server does nothing with any more. */
  async release(deviceId: string): Promise<void> {
    const holding = this.#holdings.get(deviceId);
    if (!holding) return;
    this.#forget(deviceId);
    await this.#rows.release([holding.lease]);
  }

  /** Begins to renew. */
  start(): void {
    this.#renewLater(this.#options.leaseMs / renewalsInALease);
  }

  /** Renews no more. Resolves when what follows a renewal is through, too. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#renewing) clearTimeout(timer);
    await this.#renewal;
    await this.#afterwards;
  }

  /** Gives everything up: others may have it at once. */
  async releaseAll(): Promise<void> {
    clearTimeout(this.#expiry);
    const leases = [...this.#holdings.values()].map(({ lease }) => lease);
    for (const { deviceId } of leases) this.#forget(deviceId);
    await this.#rows.release(leases).catch((error: unknown) => {
      this.#log.warn(
        { err: error },
        "devices could not be given up; others get them when their leases run out",
      );
    });
  }

  async #take(deviceId: string): Promise<HeldLease> {
    // What has run out between the two questions can be taken now.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await this.#takeAll([deviceId]);
      const holding = this.#holdings.get(deviceId);
      if (holding) return holding.lease;
      const elsewhere = await this.#rows.statesElsewhere([deviceId]);
      if (elsewhere.has(deviceId)) throw new Failure("DeviceElsewhere");
    }
    throw new Failure("DeviceNotFound");
  }

  #takeAll(deviceIds: readonly string[]): Promise<void> {
    return this.#takes.add(() => this.#takeNow(deviceIds.filter((id) => !this.#holdings.has(id))));
  }

  async #takeNow(deviceIds: readonly string[]): Promise<void> {
    const askedAt = performance.now();
    for (const id of deviceIds) this.#asked.add(id);
    try {
      for (const lease of await this.#rows.take(deviceIds, this.#options.leaseMs)) {
        const loss = new AbortController();
        const until = askedAt + this.#holdMs;
        this.#holdings.set(lease.deviceId, { lease: { ...lease, lost: loss.signal }, loss, until });
      }
    } finally {
      for (const id of deviceIds) this.#asked.delete(id);
    }
    this.#watchExpiry();
  }

  /** How long this server goes on without a renewal. */
  get #holdMs(): number {
    return this.#options.leaseMs * (1 - 1 / 6);
  }

  #renewLater(afterMs: number): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#renewing.delete(timer);
      this.#renewal = this.#renew();
    }, afterMs);
    this.#renewing.add(timer);
  }

  async #renew(): Promise<void> {
    const { leaseMs, afterRenewal } = this.#options;
    try {
      await this.#renewAll();
    } catch (error) {
      this.#log.warn({ err: error }, "leases of devices could not be renewed; trying again");
      this.#renewLater(leaseMs / triesInALease);
      return;
    }
    this.#renewLater(leaseMs / renewalsInALease);
    this.#afterwards ??= afterRenewal()
      .catch((error: unknown) => {
        this.#log.warn({ err: error }, "what follows a renewal of leases failed; it is done again");
      })
      .finally(() => {
        this.#afterwards = undefined;
      });
  }

  async #renewAll(): Promise<void> {
    const [askedAt, before] = [performance.now(), new Map(this.#holdings)];
    const renewed = new Map(
      (await this.#rows.renew(this.#options.leaseMs)).map((lease) => [lease.deviceId, lease]),
    );
    for (const [deviceId, holding] of before) {
      if (this.#holdings.get(deviceId) !== holding) continue;
      if (renewed.get(deviceId)?.fence === holding.lease.fence) holding.until = askedAt + this.#holdMs;
      else this.#lose(deviceId, "another server has it, or it was deleted");
    }
    this.#watchExpiry();
    // This server has stopped working with them while it could not say so.
    const unused = [...renewed.values()].filter(
      ({ deviceId }) => !this.#holdings.has(deviceId) && !before.has(deviceId) && !this.#asked.has(deviceId),
    );
    if (unused.length > 0) await this.#rows.release(unused);
  }

  #watchExpiry(): void {
    clearTimeout(this.#expiry);
    if (this.#holdings.size === 0) return;
    const next = Math.min(...[...this.#holdings.values()].map(({ until }) => until));
    this.#expiry = setTimeout(
      () => {
        for (const [deviceId, { until }] of [...this.#holdings]) {
          if (until <= performance.now()) this.#lose(deviceId, "its lease could not be renewed in time");
        }
        this.#watchExpiry();
      },
      Math.max(1, next - performance.now()),
    );
  }

  #lose(deviceId: string, why: string): void {
    this.#forget(deviceId);
    this.#log.warn({ device_id: deviceId, why }, "the device is not this server's any more");
    this.#options.onLost(deviceId);
  }

  #forget(deviceId: string): void {
    const holding = this.#holdings.get(deviceId);
    this.#holdings.delete(deviceId);
    holding?.loss.abort();
  }
}

const renewalsInALease = 3;

/** When the database does not answer. */
const triesInALease = 15;
