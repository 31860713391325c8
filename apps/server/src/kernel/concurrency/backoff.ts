/**
 * An exponential backoff: each further request to slow down doubles the pause, until a success. Requests to slow down that
 * arrive during a pause concern work from before it, and do not count again.
 */
export class Backoff {
  #until = 0;
  /** The number of pauses since the last success. */
  #count = 0;

  /** The end of the pause, by `performance.now()`; in the past when there is none. */
  get until(): number {
    return this.#until;
  }

  /** Begins a pause, unless one is running. @param distanceMs the usual time between two slots, in milliseconds */
  begin(distanceMs: number): void {
    const now = performance.now();
    if (now < this.#until) return;
    const firstMs = firstInDistances * distanceMs;
    this.#until = now + Math.min(2 ** this.#count * firstMs, Math.max(60_000, firstMs));
    this.#count += 1;
  }

  /** Call after a success: the next pause is as short as the first again. */
  reset(): void {
    if (performance.now() >= this.#until) this.#count = 0;
  }
}

/** The length of the first pause, in slots. */
const firstInDistances = 25;
