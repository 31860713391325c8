import { Mutex } from "async-mutex";
import type { Logger } from "pino";
import { workSoFar } from "../../kernel/concurrency/work-so-far.ts";
import { Failure } from "../../kernel/failures.ts";
import { type Lease, LeaseLost, type LeaseRepository } from "../../storage/leasing/leases.repository.ts";
import { LeaseClock } from "./lease-clock.ts";

/** This server's lease of a device. */
export interface HeldLease extends Lease {
  /** Aborted when the lease is lost: nothing may be opened or written for the device. */
  readonly lost: AbortSignal;
  /**
   * Checks the lease; call before anything is sent for the device.
   * @returns `undefined` if the lease is certainly held. If this server stood still for so long that another server may
   * have taken the device: a promise that resolves when the lease is renewed, and rejects with LeaseLost when it is not
   */
  readonly confirmed: () => Promise<void> | undefined;
}

export interface DeviceLeasesOptions {
  /** How long a lease lasts without a renewal, in milliseconds. */
  readonly leaseMs: number;
  /** Called when a lease is lost. The device's connection must be gone when this returns. */
  readonly onLost: (deviceId: string) => void;
  /** Called after a renewal, unless an earlier call is still under way; renewals do not wait for it. */
  readonly afterRenewal: () => Promise<void>;
}

interface Holding {
  readonly lease: HeldLease;
  readonly loss: AbortController;
  /** The moment just before the last query that took or renewed the lease. */
  asked: Moment;
}

/** A moment on two clocks. */
interface Moment {
  /** By `performance.now()`, which may stand still while the machine is suspended. */
  readonly running: number;
  /** By a clock that continues during a suspension. */
  readonly passed: number;
}

/**
 * The leases of this server's devices, among all servers on the database. Each server renews its leases by the database's
 * clock; another server may take a lease that was not renewed in time. A server that cannot renew gives up by its own
 * clock before that: it counts from before its query, the database from after, and a sixth of the time lies between.
 *
 * A machine that was suspended goes on as if no time had passed, so its wall clock counts as well. But the wall clock may
 * just have been set: then the leases are renewed instead of given up, and nothing is sent before that.
 */
export class DeviceLeases {
  readonly #rows: LeaseRepository;
  readonly #options: DeviceLeasesOptions;
  readonly #log: Logger;
  readonly #clock = new LeaseClock();
  readonly #holdings = new Map<string, Holding>();
  readonly #taking = new Map<string, Promise<HeldLease>>();
  /**
   * Serializes takes: a second take of a device changes its fencing number, and the holder of the first number loses the
   * lease.
   */
  readonly #takes = new Mutex();
  /** Devices whose leases are being requested from the database. */
  readonly #asked = new Set<string>();
  readonly #renewing = new Set<NodeJS.Timeout>();
  #expiry: NodeJS.Timeout | undefined;
  #renewal: Promise<void> = Promise.resolve();
  /** The renewal that is under way because this server stood still. */
  #reassurance: Promise<void> | undefined;
  #afterwards: Promise<void> | undefined;
  #stopped = false;

  constructor(rows: LeaseRepository, options: DeviceLeasesOptions, log: Logger) {
    this.#rows = rows;
    this.#options = options;
    this.#log = log;
  }

  /** Takes a device's lease, unless this server has it already. @throws Failure DeviceElsewhere, DeviceNotFound */
  async hold(deviceId: string): Promise<HeldLease> {
    const held = this.#holdings.get(deviceId);
    if (held) return held.lease;
    const taking = this.#taking.get(deviceId) ?? this.#take(deviceId);
    this.#taking.set(deviceId, taking);
    return taking.finally(() => this.#taking.delete(deviceId));
  }

  /** Takes the leases of those devices that no other server has. */
  async holdFree(deviceIds: readonly string[]): Promise<void> {
    const wanted = deviceIds.filter((id) => !this.#holdings.has(id));
    if (wanted.length === 0) return;
    const elsewhere = await this.#rows.statesElsewhere(wanted);
    await this.#takeAll(wanted.filter((id) => !elsewhere.has(id)));
  }

  has(deviceId: string): boolean {
    return this.#holdings.has(deviceId);
  }

  /** @returns the states of the devices that other servers hold; an empty string is a state not yet known */
  statesElsewhere(deviceIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.#rows.statesElsewhere(deviceIds.filter((id) => !this.#holdings.has(id)));
  }

  /** Publishes device states to other servers. @returns the devices whose states were stored */
  publishStates(states: ReadonlyMap<string, string>): Promise<ReadonlySet<string>> {
    return this.#rows.noteStates(states);
  }

  /** Releases the lease of a device that this server has stopped using. */
  async release(deviceId: string): Promise<void> {
    const holding = this.#holdings.get(deviceId);
    if (!holding) return;
    this.#forget(deviceId);
    await this.#rows.release([holding.lease]);
  }

  /** Starts the periodic renewal. */
  start(): void {
    this.#renewLater(this.#options.leaseMs / renewalsInALease);
  }

  /** Stops taking and renewing leases. Resolves when renewals under way, and the work after them, have finished. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#renewing) clearTimeout(timer);
    await workSoFar(this.#takes);
    await this.#renewal;
    await this.#reassurance;
    await this.#afterwards;
  }

  /** Releases all leases: other servers may take the devices at once. */
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
    // A lease that ran out between the two queries can be taken now.
    for (let attempt = 0; ; attempt += 1) {
      await this.#takeAll([deviceId]);
      const holding = this.#holdings.get(deviceId);
      if (holding) return holding.lease;
      if (this.#stopped) throw new Failure("DeviceElsewhere", { retryAfter: 1 });
      const leftMs = await this.#rows.leftElsewhere(deviceId);
      if (leftMs === undefined) throw new Failure("DeviceNotFound");
      // The row may be locked by another transaction that is writing for the device, or is about to delete it.
      if (leftMs > 0 || attempt > 0) throw this.#elsewhere(leftMs);
    }
  }

  /**
   * Chooses how soon to retry. A live server answers at once; a silent one is not asked: its devices are free when its
   * leases run out.
   */
  #elsewhere(leftMs: number): Failure {
    const isSilent = leftMs <= this.#options.leaseMs * leftOfSilent;
    return new Failure("DeviceElsewhere", {
      retryAfter: isSilent ? Math.max(1, Math.ceil(leftMs / 1000)) : 1,
    });
  }

  #takeAll(deviceIds: readonly string[]): Promise<void> {
    return this.#takes.runExclusive(() => this.#takeNow(deviceIds.filter((id) => !this.#holdings.has(id))));
  }

  async #takeNow(deviceIds: readonly string[]): Promise<void> {
    // This lease would not be released again, and the next server would have to wait until it runs out.
    if (this.#stopped) return;
    const asked = this.#now();
    for (const id of deviceIds) this.#asked.add(id);
    try {
      for (const lease of await this.#rows.take(deviceIds, this.#options.leaseMs)) {
        const loss = new AbortController();
        const holding: Holding = {
          lease: { ...lease, lost: loss.signal, confirmed: () => this.#confirm(holding) },
          loss,
          asked,
        };
        this.#holdings.set(lease.deviceId, holding);
      }
    } finally {
      for (const id of deviceIds) this.#asked.delete(id);
    }
    this.#watchExpiry();
  }

  /** How long this server keeps a lease without a renewal. */
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
    let areAllRenewed: boolean;
    try {
      areAllRenewed = await this.#renewAll();
    } catch (error) {
      this.#log.warn({ err: error }, "leases of devices could not be renewed; trying again");
      this.#renewLater(leaseMs / triesInALease);
      return;
    }
    this.#renewLater(leaseMs / (areAllRenewed ? renewalsInALease : triesInALease));
    this.#afterwards ??= afterRenewal()
      .catch((error: unknown) => {
        this.#log.warn({ err: error }, "what follows a renewal of leases failed; it is done again");
      })
      .finally(() => {
        this.#afterwards = undefined;
      });
  }

  /** Renews all leases in one query. @returns whether it skipped none, as it does with locked rows */
  async #renewAll(): Promise<boolean> {
    const [asked, before] = [this.#now(), new Map(this.#holdings)];
    const renewed = byDevice(await this.#rows.renew(this.#options.leaseMs));
    const isRenewed = ({ lease }: Holding) => renewed.get(lease.deviceId)?.fence === lease.fence;
    const missing = [...before.values()].filter((holding) => !isRenewed(holding));
    const own = byDevice(await this.#rows.own(missing.map(({ lease }) => lease.deviceId)));
    for (const [deviceId, holding] of before) {
      if (this.#holdings.get(deviceId) !== holding) continue;
      if (isRenewed(holding)) holding.asked = asked;
      // A skipped lease stays this server's until it runs out.
      else if (own.get(deviceId)?.fence !== holding.lease.fence)
        this.#lose(deviceId, "another server has it, or it was deleted");
    }
    this.#watchExpiry();
    // This server has stopped using these devices while it could not release them.
    const unused = [...renewed.values()].filter(
      ({ deviceId }) => !this.#holdings.has(deviceId) && !before.has(deviceId) && !this.#asked.has(deviceId),
    );
    if (unused.length > 0) await this.#rows.release(unused);
    return own.size === 0;
  }

  #now(): Moment {
    return { running: performance.now(), passed: this.#clock.now() };
  }

  /** Whether the lease is certainly still held. */
  #isCertain({ asked }: Holding): boolean {
    return this.#clock.now() - asked.passed < this.#holdMs;
  }

  /** How much of the lease is left by this server's running clock. */
  #leftOf({ asked }: Holding): number {
    return asked.running + this.#holdMs - performance.now();
  }

  #confirm(holding: Holding): Promise<void> | undefined {
    if (!holding.loss.signal.aborted && this.#isCertain(holding)) return undefined;
    return this.#makeCertain(holding);
  }

  async #makeCertain(holding: Holding): Promise<void> {
    if (!holding.loss.signal.aborted) {
      this.#loseExpired();
      if (!holding.loss.signal.aborted) await this.#reassure();
    }
    if (holding.loss.signal.aborted)
      throw new LeaseLost(`device ${holding.lease.deviceId} is not this server's any more`);
  }

  /** Renews all leases, because this server may have stood still. Leases that are not certain afterwards are lost. */
  #reassure(): Promise<void> {
    this.#reassurance ??= this.#renewUncertain().finally(() => {
      this.#reassurance = undefined;
    });
    return this.#reassurance;
  }

  async #renewUncertain(): Promise<void> {
    this.#log.warn(
      "the clock went ahead, as when a machine was suspended; leases of devices are renewed first",
    );
    try {
      await this.#renewAll();
    } catch (error) {
      this.#log.warn({ err: error }, "leases of devices could not be renewed");
    }
    for (const [deviceId, holding] of [...this.#holdings])
      if (!this.#isCertain(holding))
        this.#lose(deviceId, "its lease may have run out while this server stood still");
    this.#watchExpiry();
  }

  #loseExpired(): void {
    for (const [deviceId, holding] of [...this.#holdings])
      if (this.#leftOf(holding) <= 0) this.#lose(deviceId, "its lease could not be renewed in time");
  }

  #watchExpiry(): void {
    clearTimeout(this.#expiry);
    if (this.#holdings.size === 0) return;
    const nextMs = Math.min(...[...this.#holdings.values()].map((holding) => this.#leftOf(holding)));
    this.#expiry = setTimeout(
      () => {
        this.#loseExpired();
        if ([...this.#holdings.values()].some((holding) => !this.#isCertain(holding))) void this.#reassure();
        this.#watchExpiry();
      },
      // However long the lease is, a resumed machine has to notice soon.
      Math.max(1, Math.min(nextMs, this.#options.leaseMs / looksInALease)),
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

/** How often a lease is retried within its time when the database does not answer, or another transaction has locked a row. */
const triesInALease = 15;

/** How often this server checks, within a lease, whether the machine was suspended. */
const looksInALease = 15;

/** The share of a lease that is left when its server had time to renew it and did not. */
const leftOfSilent = 1 / 2;

function byDevice(leases: readonly Lease[]): Map<string, Lease> {
  return new Map(leases.map((lease) => [lease.deviceId, lease]));
}
