import { decorrelatedJitterGenerator, ExponentialBackoff, type IBackoff } from "cockatiel";

/** In milliseconds. */
export interface ReconnectBackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  /** A connection that stayed open this long resets the backoff. */
  readonly stableMs: number;
}

/**
 * Exponential backoff with jitter for reconnects, so that many devices do not reconnect in step. A connection that opens
 * and closes again does not reset it; otherwise a server that accepts a login and drops it would be called once a second
 * for ever.
 */
export class ReconnectBackoff {
  readonly #options: ReconnectBackoffOptions;
  #backoff: IBackoff<unknown> | undefined;
  #restarts = 0;

  constructor(options: ReconnectBackoffOptions) {
    this.#options = options;
  }

  /** Records that a connection ended. @param openMs how long it had been open, 0 if it never was */
  connectionEnded(openMs: number): void {
    if (openMs < this.#options.stableMs) return;
    this.#backoff = undefined;
    this.#restarts = 0;
  }

  /** @returns milliseconds to wait when WhatsApp asks for a restart: none, unless it asks again and again */
  forRestart(): number {
    this.#restarts += 1;
    return this.#restarts <= restartsAtOnce ? 0 : this.next();
  }

  /** @returns milliseconds to wait before the next attempt */
  next(): number {
    const { minMs, maxMs } = this.#options;
    this.#backoff =
      this.#backoff?.next(undefined) ??
      new ExponentialBackoff({
        initialDelay: minMs,
        maxDelay: maxMs,
        generator: decorrelatedJitterGenerator,
      }).next();
    return Math.min(maxMs, Math.max(minMs, Math.round(this.#backoff.duration)));
  }
}

const restartsAtOnce = 3;
