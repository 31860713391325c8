/** Sends a connection's bytes in order, each when its delay is over: what was put in later never overtakes. It owns its timer. */
export class Outbox {
  readonly #waiting: { readonly due: number; readonly send: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * Runs a task now, or behind what waits.
   * @param milliseconds from now on.
   */
  put(milliseconds: number, send: () => void): void {
    if (milliseconds <= 0 && this.#waiting.length === 0) {
      send();
      return;
    }
    const due = Math.max(performance.now() + milliseconds, this.#waiting.at(-1)?.due ?? 0);
    this.#waiting.push({ due, send });
    if (!this.#timer) this.#wait();
  }

  /** Forgets what waits. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.length = 0;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [next] = this.#waiting;
    if (!next) return;
    this.#timer = setTimeout(() => this.#sendDue(), Math.max(0, next.due - performance.now()));
  }

  #sendDue(): void {
    // Timers fire up to a millisecond early.
    const now = performance.now() + 1;
    for (let next = this.#waiting[0]; next && next.due <= now; next = this.#waiting[0]) {
      this.#waiting.shift();
      next.send();
    }
    this.#wait();
  }
}
