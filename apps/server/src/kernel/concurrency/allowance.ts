import { Failure } from "../failures.ts";
import { Backoff } from "./backoff.ts";

/**
 * How much may be asked of what WhatsApp bans for: so much at once, which comes back by the minute. Unlike a pace it makes nobody
 * wait, but says when there is room. After WhatsApp has said to slow down there is none for a while, for longer each time it says
 * so again, until something went well.
 */
export class Allowance {
  /** 0 is any number. */
  readonly #perMinute: number;
  /** Below 0 after more than there is at once. */
  #left: number;
  #leftAt = performance.now();
  readonly #pause = new Backoff();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#left = perMinute;
  }

  /**
   * Takes so much. What is more than there ever is at once is given to who finds everything there, and paid back by those after.
   * @throws Failure DeviceBusy, WhatsAppRateLimited with the time to wait
   */
  take(amount: number): void {
    if (this.#perMinute === 0) return;
    const now = performance.now();
    if (now < this.#pause.until)
      throw new Failure("WhatsAppRateLimited", { retryAfter: secondsFor(this.#pause.until - now) });
    const perMs = this.#perMinute / 60_000;
    this.#left = Math.min(this.#perMinute, this.#left + (now - this.#leftAt) * perMs);
    this.#leftAt = now;
    const missing = Math.min(amount, this.#perMinute) - this.#left;
    if (missing > 0) {
      throw new Failure("DeviceBusy", {
        message: `the device asks for ${this.#perMinute} of these a minute`,
        retryAfter: secondsFor(missing / perMs),
      });
    }
    this.#left -= amount;
  }

  /** To be told when WhatsApp says to slow down. */
  backOff(): void {
    if (this.#perMinute > 0) this.#pause.begin(60_000 / this.#perMinute);
  }

  /** To be told when it does not. */
  resetBackoff(): void {
    this.#pause.reset();
  }
}

function secondsFor(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
