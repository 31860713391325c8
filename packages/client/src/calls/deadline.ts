import { errorWithoutAnswer } from "../error.ts";
import type { WutsError } from "../errors/wuts-error.ts";

/**
 * Ends the waits of one call, when its time is up or when the caller's signal aborts.
 *
 * Runtimes hold `AbortSignal.any`, and the signal that a `Request` follows, so weakly that a garbage collection can take them
 * away while the call is under way (nodejs/undici 4068). So nothing is left to them: this object holds its timer, controller and
 * listener, the timer holds this object, and each wait races against it.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #onAbort = () => this.#end(errorWithoutAnswer(this.#caller?.reason, this.#caller));
  #timer: ReturnType<typeof setTimeout> | undefined;
  #expiresAt = Infinity;
  #error: WutsError | undefined;
  /** Of the wait that is under way. A call has one at a time. */
  #reject: ((error: WutsError) => void) | undefined;
  #cancel: (() => void) | undefined;

  /** @param caller the caller's signal */
  constructor(caller: AbortSignal | undefined) {
    this.#caller = caller;
    if (caller?.aborted) this.#onAbort();
    else caller?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** For `fetch`: aborts when the call ends early. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts the clock, from the beginning. @param ms the time that is left from now on */
  start(ms: number): void {
    this.stop();
    this.#expiresAt = performance.now() + ms;
    this.#timer = setTimeout(() => {
      this.#end(errorWithoutAnswer(new DOMException(`${ms} ms are over`, "TimeoutError"), undefined));
    }, ms);
  }

  /** Stops the clock. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#expiresAt = Infinity;
  }

  /** Whether a pause of this many milliseconds is over before the time is up. */
  allows(ms: number): boolean {
    return performance.now() + ms < this.#expiresAt;
  }

  /** @throws WutsError `TIMED_OUT` or `ABORTED`, when the call has ended already */
  throwIfEnded(): void {
    if (this.#error) throw this.#error;
  }

  /** Waits for `work`, but no longer than the call lasts. @throws WutsError `TIMED_OUT` or `ABORTED`; what `work` rejects with */
  wait<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      work.then(resolve, reject);
      if (this.#error) reject(this.#error);
      else this.#reject = reject;
    });
  }

  /** @throws WutsError `TIMED_OUT` or `ABORTED` */
  async pause(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await this.wait(new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Names what is to be cancelled when the call ends early, besides what follows `signal`. */
  onEnd(cancel: () => void): void {
    if (this.#error) cancel();
    else this.#cancel = cancel;
  }

  /** Lets go of the timer and of the caller's signal: the call is over. */
  release(): void {
    this.stop();
    this.#caller?.removeEventListener("abort", this.#onAbort);
  }

  #end(error: WutsError): void {
    this.release();
    this.#error = error;
    this.#reject?.(error);
    this.#controller.abort(error);
    this.#cancel?.();
  }
}
