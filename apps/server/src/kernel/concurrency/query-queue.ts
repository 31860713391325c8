import { Failure } from "../failures.ts";

/** A point in time until which something may take. */
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
 * Runs a device's queries: a bounded number at once, a bounded number waiting, equal ones together. Every query passes here, and
 * most have their turn at once: a library for queues took longer to find that out than the rest of this takes.
 */
export class QueryQueue<Reply> {
  readonly #concurrency: number;
  readonly #maxWaiting: number;
  readonly #inFlight = new Map<string, Promise<Reply>>();
  /** Those who wait for their turn, in order; each is called when it comes. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(options: { concurrency: number; maxWaiting: number }) {
    this.#concurrency = options.concurrency;
    this.#maxWaiting = options.maxWaiting;
  }

  /** How many have not had their turn yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** How many are under way. */
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

  /** As `run`, for work that nothing else is the same as. */
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

  /** The place of what is over goes to who has waited for longest. */
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
