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

  /** When it began, by the clock as it is now. */
  get from(): Date {
    return new Date(this.#from + this.#clockChange());
  }

  /** When it ends, by the clock as it is now. */
  get until(): Date {
    return new Date(this.#from + this.#lifetimeMs + this.#clockChange());
  }

  /** Clocks are corrected a little all the time; the times that are told stay the same then. */
  #clockChange(): number {
    const change = clock() - this.#clock;
    return Math.abs(change) > correctionMs ? Math.round(change) : 0;
  }
}

const correctionMs = 1_000;

/** What the clock said when this process began, if it had always been as it is now. */
function clock(): number {
  return Date.now() - performance.now();
}
