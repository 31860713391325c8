/** Lets many wait for something that others bring about. */
export class Watchers {
  readonly #looks = new Set<() => void>();
  #ended = false;

  /**
   * Waits until `check` finds something: now, or after one of the changes to come.
   * @param patience while it lasts, there is waiting
   * @returns `undefined` when the time is over, or nobody may wait any more
   */
  until<Found>(
    check: () => Found | undefined,
    timeoutMs: number,
    patience?: AbortSignal,
  ): Promise<Found | undefined> {
    const now = check();
    if (now !== undefined || this.#ended || patience?.aborted) return Promise.resolve(now);
    return new Promise((resolve) => {
      const finish = (found: Found | undefined) => {
        clearTimeout(timer);
        patience?.removeEventListener("abort", giveUp);
        this.#looks.delete(look);
        resolve(found);
      };
      const look = () => {
        const found = check();
        if (found !== undefined || this.#ended) finish(found);
      };
      const giveUp = () => finish(undefined);
      const timer = setTimeout(giveUp, timeoutMs);
      patience?.addEventListener("abort", giveUp);
      this.#looks.add(look);
    });
  }

  /** Everybody looks again. */
  changed(): void {
    for (const look of [...this.#looks]) look();
  }

  /** Everybody who waits goes on without. */
  end(): void {
    this.#ended = true;
    this.changed();
  }
}
