import { Failure } from "../kernel/failures.ts";
import type { ConnectionSupervisor } from "./connection-supervisor.ts";

export interface ConnectionWaiterOptions {
  /** How long a request waits for a connection, in milliseconds; 0: not at all. */
  readonly ms: number;
  /** How many requests may wait for the connection of one device. */
  readonly mostWaiting: number;
  /** Aborted when requests must stop waiting. */
  readonly over: AbortSignal;
}

/** Lets requests wait for a device that is connecting or reconnecting. */
export class ConnectionWaiter {
  readonly #supervisor: ConnectionSupervisor;
  readonly #options: ConnectionWaiterOptions;
  #waiting = 0;

  constructor(link: ConnectionSupervisor, options: ConnectionWaiterOptions) {
    this.#supervisor = link;
    this.#options = options;
  }

  /**
   * Waits until the device is connected or at rest. The wait is limited to the configured time, and is skipped if the
   * next attempt is known to come later than that.
   * @param signal gives up waiting
   * @throws Failure DeviceBusy when too many wait already; the reason of `signal`
   */
  async wait(signal: AbortSignal): Promise<void> {
    const { ms, mostWaiting, over } = this.#options;
    const until = performance.now() + ms;
    const isOver = () => (this.#comesBy(until) ? undefined : true);
    if (isOver()) return;
    if (this.#waiting >= mostWaiting) throw new Failure("DeviceBusy");
    this.#waiting += 1;
    await this.#supervisor.changes.waitFor(isOver, ms, AbortSignal.any([signal, over]));
    this.#waiting -= 1;
    signal.throwIfAborted();
  }

  #comesBy(time: number): boolean {
    const { isComing, retryAt } = this.#supervisor;
    return isComing && (retryAt === undefined || retryAt <= time);
  }
}
