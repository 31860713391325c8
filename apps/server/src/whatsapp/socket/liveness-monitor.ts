/** When to probe a peer, in milliseconds. */
export interface ProbeOptions {
  /** How long the peer may be silent before a probe. */
  readonly intervalMs: number;
  /** How long the peer may take to respond to the probe. */
  readonly timeoutMs: number;
}

/**
 * Detects a dead peer: after an interval without input it sends a probe, and gives the peer up when no input follows within the
 * timeout. Between the last input and giving up are the interval and the timeout, whatever the clock does.
 */
export class LivenessMonitor {
  readonly #options: ProbeOptions;
  readonly #ask: () => void;
  readonly #giveUp: () => void;
  #heardAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #lastLook: NodeJS.Immediate | undefined;
  #isAsked = false;
  #isStopped = false;

  /** @param giveUp is called once at the most, and not after `stop` */
  constructor(options: ProbeOptions, ask: () => void, giveUp: () => void) {
    this.#options = options;
    this.#ask = ask;
    this.#giveUp = giveUp;
    this.#waitForSilence(options.intervalMs);
  }

  /** Records input from the peer. To be called for all input. */
  heard(): void {
    this.#heardAt = performance.now();
    if (this.#isAsked) this.#waitForSilence(this.#options.intervalMs);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#lastLook);
  }

  #waitForSilence(ms: number): void {
    if (this.#isStopped) return;
    this.#isAsked = false;
    clearTimeout(this.#timer);
    clearImmediate(this.#lastLook);
    // Frames that arrive meanwhile do not reset the timer: there may be many.
    this.#timer = setTimeout(() => this.#look(), Math.ceil(ms));
  }

  #look(): void {
    const leftMs = this.#heardAt + this.#options.intervalMs - performance.now();
    if (leftMs > 0) {
      this.#waitForSilence(leftMs);
      return;
    }
    this.#isAsked = true;
    this.#timer = setTimeout(() => {
      // A process that was busy for long handles now the input that came in the meantime.
      this.#lastLook = setImmediate(() => {
        this.stop();
        this.#giveUp();
      });
    }, this.#options.timeoutMs);
    this.#ask();
  }
}
