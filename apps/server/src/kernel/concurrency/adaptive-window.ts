/**
 * How many queries may be under way at once, as the other side takes them (additive increase, multiplicative decrease, as in
 * TCP). It starts at the maximum, shrinks when the other side refuses or stays silent, and grows by one for each windowful of
 * replies.
 */
export class AdaptiveWindow {
  readonly #max: number;
  #size: number;
  #shrunkAt = Number.NEGATIVE_INFINITY;

  /** @param max at least 1 */
  constructor(max: number) {
    this.#max = max;
    this.#size = max;
  }

  get max(): number {
    return this.#max;
  }

  /** From 1 to the maximum. */
  get size(): number {
    return Math.floor(this.#size);
  }

  /** Call after a reply. */
  grow(): void {
    this.#size = Math.min(this.#max, this.#size + 1 / this.#size);
  }

  /**
   * Call after a refusal or a timeout. Queries from before the last time that it shrank say nothing new, so they do not
   * count.
   * @param sentAt of the query, by `performance.now()`
   * @param factor below 1
   */
  shrink(sentAt: number, factor: number): void {
    if (sentAt < this.#shrunkAt) return;
    this.#size = Math.max(1, this.#size * factor);
    this.#shrunkAt = performance.now();
  }
}
