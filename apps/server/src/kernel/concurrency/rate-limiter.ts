import { setTimeout } from "node:timers/promises";
import PQueue from "p-queue";
import { Failure } from "../failures.ts";
import { Backoff } from "./backoff.ts";

export interface RateLimiterOptions {
  /** The number of tasks that start in a minute, evenly spread. */
  readonly perMinute: number;
  /** The number of tasks under way at once. */
  readonly concurrency: number;
}

/**
 * A rate limiter for a queue of work: starts tasks evenly spread, and not while it backs off. Each further request to back off
 * doubles the pause, until a task succeeds.
 */
export class RateLimiter {
  readonly #underWay: PQueue;
  readonly #slots = new PQueue({ concurrency: 1 });
  #perMinute: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  readonly #backoff = new Backoff();
  /** Makes the task that waits for its slot compute again when the slot comes. */
  #lookAgain = () => {};

  constructor({ perMinute, concurrency }: RateLimiterOptions) {
    this.#perMinute = perMinute;
    this.#underWay = new PQueue({ concurrency });
  }

  /** Changes the rate. Applies from the next slot; a running backoff is not shortened. */
  setRate(perMinute: number): void {
    this.#perMinute = perMinute;
    this.#lookAgain();
  }

  /** @throws Failure DeviceBusy when so many more tasks do not fit */
  assertCapacity(count: number): void {
    const there = [this.#slots, this.#underWay].reduce((sum, { size, pending }) => sum + size + pending, 0);
    if (there + count > most) throw new Failure("DeviceBusy");
  }

  /**
   * Starts a task when its slot comes.
   * @param index in its batch: the first task of every batch starts before the second of any, so that small batches need not
   * wait for large ones
   * @param signal gives up the slot; a task that has started is not stopped
   * @throws the reason of `signal`
   */
  async schedule<Result>(work: () => Promise<Result>, index: number, signal: AbortSignal): Promise<Result> {
    const begin = async () => {
      await this.#slot(signal);
      // Not awaited here: the next slot comes while this is running.
      return { result: this.#underWay.add(work) };
    };
    const { result } = await this.#slots.add(begin, { signal, priority: -index });
    return result;
  }

  /** WhatsApp has asked to slow down. */
  backOff(): void {
    this.#backoff.begin(this.#intervalMs);
  }

  /** A task has succeeded. */
  resetBackoff(): void {
    this.#backoff.reset();
  }

  get #intervalMs(): number {
    return 60_000 / this.#perMinute;
  }

  async #slot(signal: AbortSignal): Promise<void> {
    await this.#underWay.onSizeLessThan(1);
    // A backoff may begin, and the rate may change, while this waits.
    for (;;) {
      signal.throwIfAborted();
      const nextAt = Math.max(this.#lastAt + this.#intervalMs, this.#backoff.until);
      const waitMs = nextAt - performance.now();
      if (waitMs <= 0) break;
      await this.#wait(Math.ceil(waitMs), signal);
    }
    this.#lastAt = performance.now();
  }

  /** Waits until the slot, or until there is a reason to compute it again. */
  async #wait(ms: number, given: AbortSignal): Promise<void> {
    const looking = new AbortController();
    this.#lookAgain = () => looking.abort();
    const signal = AbortSignal.any([given, looking.signal]);
    await setTimeout(ms, undefined, { signal }).catch(() => {});
  }
}

/** How many tasks of all batches of a device may wait or run. */
const most = 1_000;
