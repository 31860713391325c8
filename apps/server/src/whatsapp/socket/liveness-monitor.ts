/** When a peer is asked for a sign of life, in milliseconds. */
export interface ProbeOptions {
  /** After so long without one. */
  readonly intervalMs: number;
  /** How long it may take to come then. */
  readonly timeoutMs: number;
}

/**
 * Finds out that a peer is gone who never said so: one who was not heard for a while is asked for a sign of life, and given
 * up when none comes. Between the last one and giving up are the interval and the timeout, whatever the clock does.
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

  /** To be told of whatever comes in. */
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
    // What comes in meanwhile moves no timer: there may be a lot of it.
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
      // A process that was busy for long hears now what came in the meantime.
      this.#lastLook = setImmediate(() => {
        this.stop();
        this.#giveUp();
      });
    }, this.#options.timeoutMs);
    this.#ask();
  }
}
