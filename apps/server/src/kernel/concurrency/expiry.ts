/** A time to live that starts now. Monotonic: setting the wall clock neither shortens nor extends it. */
export class Expiry {
  readonly #endsAt: number;
  readonly #from = Date.now();
  readonly #lifetimeMs: number;
  readonly #clock = clock();

  /** @param lifetimeMs how long it lasts, in milliseconds */
  constructor(lifetimeMs: number) {
    this.#lifetimeMs = lifetimeMs;
    this.#endsAt = performance.now() + lifetimeMs;
  }

  get isExpired(): boolean {
    return performance.now() >= this.#endsAt;
  }

  /** The start, by the wall clock as it is now. */
  get from(): Date {
    return new Date(this.#from + this.#clockChange());
  }

  /** The end, by the wall clock as it is now. */
  get until(): Date {
    return new Date(this.#from + this.#lifetimeMs + this.#clockChange());
  }

  /** Clocks are corrected a little all the time; the reported times must not change with each correction. */
  #clockChange(): number {
    const change = clock() - this.#clock;
    return Math.abs(change) > correctionMs ? Math.round(change) : 0;
  }
}

const correctionMs = 1_000;

/** The wall-clock time of the start of this process, computed from the clock as it is now. */
function clock(): number {
  return Date.now() - performance.now();
}
