/** A condition variable: callers wait until a predicate holds. */
export class Condition {
  readonly #waiters = new Set<() => void>();
  #closed = false;

  /**
   * Waits until `check` returns something: now, or after a later `notifyAll`.
   * @param signal gives up waiting
   * @returns `undefined` after `timeoutMs`, when `signal` is aborted, or when the condition is closed
   */
  waitFor<Found>(
    check: () => Found | undefined,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<Found | undefined> {
    const now = check();
    if (now !== undefined || this.#closed || signal?.aborted) return Promise.resolve(now);
    return new Promise((resolve) => {
      const finish = (found: Found | undefined) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", giveUp);
        this.#waiters.delete(recheck);
        resolve(found);
      };
      const recheck = () => {
        const found = check();
        if (found !== undefined || this.#closed) finish(found);
      };
      const giveUp = () => finish(undefined);
      const timer = setTimeout(giveUp, timeoutMs);
      signal?.addEventListener("abort", giveUp);
      this.#waiters.add(recheck);
    });
  }

  /** Has every waiter check again. */
  notifyAll(): void {
    for (const look of [...this.#waiters]) look();
  }

  /** Ends every wait, now and later. */
  close(): void {
    this.#closed = true;
    this.notifyAll();
  }
}
