/**
 * A pause for those who ask to slow down: a longer one each time they ask again, until something went well. What was asked before
 * the pause may be answered the same: it counts once.
 */
export class Backoff {
  #until = 0;
  /** How many there were since something went well. */
  #count = 0;

  /** When it is over, by `performance.now()`; in the past when there is none. */
  get until(): number {
    return this.#until;
  }

  /** Begins a pause, unless there is one. @param distanceMs how far apart turns usually are */
  begin(distanceMs: number): void {
    const now = performance.now();
    if (now < this.#until) return;
    const firstMs = firstInDistances * distanceMs;
    this.#until = now + Math.min(2 ** this.#count * firstMs, Math.max(60_000, firstMs));
    this.#count += 1;
  }

  /** To be told when something went well: the next pause is a first one again. */
  reset(): void {
    if (performance.now() >= this.#until) this.#count = 0;
  }
}

/** The first pause: how many turns it leaves out. */
const firstInDistances = 25;
