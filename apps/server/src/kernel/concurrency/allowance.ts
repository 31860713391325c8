import { Failure } from "../failures.ts";
import { Backoff } from "./backoff.ts";

/**
 * A token bucket for actions that WhatsApp bans for when there are too many: it holds one minute's amount and refills
 * continuously. Unlike a rate limiter it makes no caller wait, but reports when there is room. After WhatsApp asks to slow down
 * it is empty for a while (exponential backoff), until an action succeeds.
 */
export class Allowance {
  /** 0 means no limit. */
  readonly #perMinute: number;
  /** Below 0 after an action larger than the bucket. */
  #left: number;
  #leftAt = performance.now();
  readonly #pause = new Backoff();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
    this.#left = perMinute;
  }

  /**
   * Takes an amount. An amount larger than the bucket needs a full bucket, and later callers wait until it has refilled.
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

  /** Runs an action, and backs off when it fails because WhatsApp asks to slow down. @throws what `action` throws */
  async run<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof Failure && error.name === "WhatsAppRateLimited") this.backOff();
      throw error;
    }
  }

  /** Call when WhatsApp asks to slow down. */
  backOff(): void {
    if (this.#perMinute > 0) this.#pause.begin(60_000 / this.#perMinute);
  }

  /** Call when WhatsApp responds without asking to slow down. */
  resetBackoff(): void {
    this.#pause.reset();
  }
}

function secondsFor(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
