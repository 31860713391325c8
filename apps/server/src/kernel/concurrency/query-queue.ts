import { Failure } from "../failures.ts";

/** A point in time by which work must be done. */
export class Deadline {
  readonly #at: number;

  constructor(timeoutMs: number) {
    this.#at = performance.now() + timeoutMs;
  }

  /** Milliseconds left, at least 1. @throws Failure WhatsAppTimeout when none are */
  remainingMs(): number {
    const left = this.#at - performance.now();
    if (left <= 0) throw new Failure("WhatsAppTimeout");
    return Math.max(1, Math.floor(left));
  }
}

/**
 * Runs a device's queries: a bounded number at once, a bounded number waiting, and equal queries only once. Every query passes
 * through here, and most start at once: a queue library took longer to find that out than all the rest of this takes.
 */
export class QueryQueue<Reply> {
  readonly #concurrency: number;
  readonly #maxWaiting: number;
  readonly #inFlight = new Map<string, Promise<Reply>>();
  /** Callbacks of the waiting queries, in order; each is called when its slot comes. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(options: { concurrency: number; maxWaiting: number }) {
    this.#concurrency = options.concurrency;
    this.#maxWaiting = options.maxWaiting;
  }

  /** The number of waiting queries. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The number of running queries. */
  get running(): number {
    return this.#running;
  }

  /**
   * Runs a query when its turn comes, or joins the same query that is waiting or running.
   * @param key what makes two queries the same
   * @throws Failure DeviceBusy when too many wait already, or when the turn does not come before the deadline
   */
  async run(key: string, deadline: Deadline, query: (timeoutMs: number) => Promise<Reply>): Promise<Reply> {
    const same = this.#inFlight.get(key);
    if (same) return same;
    const reply = this.runAlone(deadline, query).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, reply);
    return reply;
  }

  /** As `run`, for work that is never equal to other work. */
  async runAlone<Result>(deadline: Deadline, work: (timeoutMs: number) => Promise<Result>): Promise<Result> {
    if (this.#running < this.#concurrency) this.#running += 1;
    else await this.#waitForSlot(deadline);
    try {
      // From now on the work has a deadline of its own.
      return await work(deadline.remainingMs());
    } finally {
      this.#releaseSlot();
    }
  }

  async #waitForSlot(deadline: Deadline): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) throw new Failure("DeviceBusy");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const begin = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      this.#waiting.delete(begin);
      reject(new Failure("DeviceBusy"));
    }, deadline.remainingMs());
    this.#waiting.add(begin);
    await promise;
  }

  /** Hands the slot of a finished query to the query that has waited longest. */
  #releaseSlot(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
