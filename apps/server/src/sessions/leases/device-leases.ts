import { Mutex } from "async-mutex";
import type { Logger } from "pino";
import { Failure } from "../../kernel/failures.ts";
import { type Lease, LeaseLost, type LeaseRepository } from "../../storage/leasing/leases.repository.ts";
import { LeaseClock } from "./lease-clock.ts";

/** A device that is this server's, for as long as it is. */
export interface HeldLease extends Lease {
  /** Aborted when the device is not this server's any more: nothing may be opened or written for it. */
  readonly lost: AbortSignal;
  /**
   * To be asked before anything is sent for the device.
   * @returns `undefined`: it is this server's for certain. Else this server stood still for so long that another one may have
   * taken it: a promise that resolves when the lease is renewed, and rejects with LeaseLost when it is not
   */
  readonly confirmed: () => Promise<void> | undefined;
}

export interface DeviceLeasesOptions {
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
  /** Just before the database was asked for it last. */
  asked: Moment;
}

/** A moment by two clocks. */
interface Moment {
  /** By `performance.now()`, which may stand still while the machine is suspended. */
  readonly running: number;
  /** By the clock that goes on then. */
  readonly passed: number;
}

/**
 * The devices of this server, among all servers on the database. Each renews what it holds, by the database's clock; what is
 * not renewed in time may be taken by another one. A server that cannot renew gives up by its own clock before that: it counts
 * from before it asked, the database from after, and a sixth of the time lies between.
 *
 * A machine that was suspended goes on as if no time had passed. So what its wall clock tells counts as well; but since that may
 * just have been set, the leases are not given up then but renewed, and nothing is sent before that.
 */
export class DeviceLeases {
  readonly #rows: LeaseRepository;
  readonly #options: DeviceLeasesOptions;
  readonly #log: Logger;
  readonly #clock = new LeaseClock();
  readonly #holdings = new Map<string, Holding>();
  readonly #taking = new Map<string, Promise<HeldLease>>();
  /** One after the other: a device that is taken twice has two numbers, and whoever goes by the first one has lost it. */
  readonly #takes = new Mutex();
  /** The devices that the database is being asked for. */
  readonly #asked = new Set<string>();
  readonly #renewing = new Set<NodeJS.Timeout>();
  #expiry: NodeJS.Timeout | undefined;
  #renewal: Promise<void> = Promise.resolve();
  /** The renewal after this server stood still. */
  #reassurance: Promise<void> | undefined;
  #afterwards: Promise<void> | undefined;
  #stopped = false;

  constructor(rows: LeaseRepository, options: DeviceLeasesOptions, log: Logger) {
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

  /** Tells other servers in which states devices are. @returns the devices of which they are told */
  publishStates(states: ReadonlyMap<string, string>): Promise<ReadonlySet<string>> {
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

  /** Takes nothing and renews nothing any more. Resolves when what was under way, or follows a renewal, is through. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#renewing) clearTimeout(timer);
    await this.#takes.waitForUnlock();
    await this.#renewal;
    await this.#reassurance;
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
    for (let attempt = 0; ; attempt += 1) {
      await this.#takeAll([deviceId]);
      const holding = this.#holdings.get(deviceId);
      if (holding) return holding.lease;
      if (this.#stopped) throw new Failure("DeviceElsewhere", { retryAfter: 1 });
      const leftMs = await this.#rows.leftElsewhere(deviceId);
      if (leftMs === undefined) throw new Failure("DeviceNotFound");
      // Its row may be locked: somebody is still writing for it, or is about to delete it.
      if (leftMs > 0 || attempt > 0) throw this.#elsewhere(leftMs);
    }
  }

  /** A server that lives answers at once. One that is silent is not to be asked: its devices are free when its leases run out. */
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
    // Nobody would give it up again, and the next server would have to wait until the lease runs out.
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

  /** @returns whether none was passed over */
  async #renewAll(): Promise<boolean> {
    const [asked, before] = [this.#now(), new Map(this.#holdings)];
    const renewed = byDevice(await this.#rows.renew(this.#options.leaseMs));
    const isRenewed = ({ lease }: Holding) => renewed.get(lease.deviceId)?.fence === lease.fence;
    const missing = [...before.values()].filter((holding) => !isRenewed(holding));
    const own = byDevice(await this.#rows.own(missing.map(({ lease }) => lease.deviceId)));
    for (const [deviceId, holding] of before) {
      if (this.#holdings.get(deviceId) !== holding) continue;
      if (isRenewed(holding)) holding.asked = asked;
      // Passed over, it is this server's until it runs out.
      else if (own.get(deviceId)?.fence !== holding.lease.fence)
        this.#lose(deviceId, "another server has it, or it was deleted");
    }
    this.#watchExpiry();
    // This server has stopped working with them while it could not say so.
    const unused = [...renewed.values()].filter(
      ({ deviceId }) => !this.#holdings.has(deviceId) && !before.has(deviceId) && !this.#asked.has(deviceId),
    );
    if (unused.length > 0) await this.#rows.release(unused);
    return own.size === 0;
  }

  #now(): Moment {
    return { running: performance.now(), passed: this.#clock.now() };
  }

  /** Whether it is certainly this server's still. */
  #isCertain({ asked }: Holding): boolean {
    return this.#clock.now() - asked.passed < this.#holdMs;
  }

  /** How long it may still be this server's, as far as this server has been running. */
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

  /** Renews everything, since this server may have stood still. What is not certain afterwards is lost. */
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
      // However long it was, a machine that goes on is to notice soon.
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

/** When the database does not answer, or somebody else has locked a row. */
const triesInALease = 15;

/** How often it is looked whether this machine was suspended. */
const looksInALease = 15;

/** What is left of a lease that its server has not renewed when it should have, and had time to. */
const leftOfSilent = 1 / 2;

function byDevice(leases: readonly Lease[]): Map<string, Lease> {
  return new Map(leases.map((lease) => [lease.deviceId, lease]));
}
