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

/** The number of queries that may be under way at once now, and at most. */
export interface Window {
  readonly size: number;
  readonly max: number;
}

export interface QueryQueueOptions {
  readonly window: Window;
  readonly maxWaiting: number;
}

/**
 * Runs a device's queries: a bounded number at once, a bounded number waiting, and equal queries only once. Every query passes
 * through here, and most start at once: a queue library took longer to find that out than all the rest of this takes.
 *
 * A query that is slow leaves the window while others wait, so that a few without a reply hold up no others. As many slow
 * ones as the window has at most may be under way beside it.
 */
export class QueryQueue<Reply> {
  readonly #window: Window;
  readonly #maxWaiting: number;
  readonly #inFlight = new Map<string, Promise<Reply>>();
  /** Callbacks of the waiting queries, in order; each is called when its slot comes. */
  readonly #waiting = new Set<() => void>();
  /** The running queries in the window, the oldest first. */
  readonly #running = new Set<Running>();
  readonly #slow = new Set<Running>();
  /** Runs while queries wait: the next one of the window may have become slow. */
  #slowTimer: NodeJS.Timeout | undefined;

  constructor(options: QueryQueueOptions) {
    this.#window = options.window;
    this.#maxWaiting = options.maxWaiting;
  }

  /** The number of waiting queries. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The number of running queries. */
  get running(): number {
    return this.#running.size + this.#slow.size;
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
    const isFree = this.#waiting.size === 0 && this.#running.size < this.#window.size;
    const running = isFree ? this.#enter() : await this.#waitForSlot(deadline);
    try {
      // From now on the work has a deadline of its own.
      return await work(deadline.remainingMs());
    } finally {
      this.#running.delete(running);
      this.#slow.delete(running);
      this.#startWaiting();
    }
  }

  #enter(): Running {
    const running = { startedAt: performance.now() };
    this.#running.add(running);
    return running;
  }

  async #waitForSlot(deadline: Deadline): Promise<Running> {
    if (this.#waiting.size >= this.#maxWaiting) throw new Failure("DeviceBusy");
    const { promise, resolve, reject } = Promise.withResolvers<Running>();
    const begin = () => {
      clearTimeout(timer);
      resolve(this.#enter());
    };
    const timer = setTimeout(() => {
      this.#waiting.delete(begin);
      reject(new Failure("DeviceBusy"));
      this.#watchForSlow();
    }, deadline.remainingMs());
    this.#waiting.add(begin);
    this.#watchForSlow();
    return promise;
  }

  /** Hands free slots to the queries that have waited longest. */
  #startWaiting(): void {
    for (const begin of this.#waiting) {
      if (this.#running.size >= this.#window.size) break;
      this.#waiting.delete(begin);
      begin();
    }
    this.#watchForSlow();
  }

  /** Keeps the timer for as long as queries wait and one that is running may become slow. */
  #watchForSlow(): void {
    const [oldest] = this.#running;
    if (this.#waiting.size === 0 || !oldest || this.#slow.size >= this.#window.max) {
      clearTimeout(this.#slowTimer);
      this.#slowTimer = undefined;
      return;
    }
    this.#slowTimer ??= setTimeout(
      () => {
        this.#slowTimer = undefined;
        this.#letSlowLeave();
      },
      Math.max(0, oldest.startedAt + slowAfterMs - performance.now()),
    );
  }

  #letSlowLeave(): void {
    const slowSince = performance.now() - slowAfterMs;
    for (const running of this.#running) {
      if (running.startedAt > slowSince || this.#slow.size >= this.#window.max) break;
      this.#running.delete(running);
      this.#slow.add(running);
    }
    this.#startWaiting();
  }
}

/** A query under way. */
interface Running {
  /** By `performance.now()`. */
  readonly startedAt: number;
}

/** Several times as long as WhatsApp takes for a reply. */
const slowAfterMs = 1_000;
