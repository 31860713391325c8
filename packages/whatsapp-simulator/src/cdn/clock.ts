/** The time by which the CDN's addresses are made and expire. It runs as the machine's does, and can be set forward. */
export class Clock {
  #ahead = 0;

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  /** Unix time in whole seconds. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** @param seconds may be negative, which sets the clock back. */
  advance(seconds: number): void {
    this.#ahead += seconds * 1000;
  }
}
