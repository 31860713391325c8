/** A round-robin queue of items by owner: an owner with many items waits for its own only. */
export class Rounds<Item> {
  /** The items of each owner, in order. The next owner is first. */
  readonly #waiting = new Map<string, Set<Item>>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** The number of waiting items of an owner. */
  countOf(owner: string): number {
    return this.#waiting.get(owner)?.size ?? 0;
  }

  add(owner: string, item: Item): void {
    const own = this.#waiting.get(owner) ?? new Set();
    own.add(item);
    this.#waiting.set(owner, own);
  }

  delete(owner: string, item: Item): void {
    const own = this.#waiting.get(owner);
    own?.delete(item);
    if (own?.size === 0) this.#waiting.delete(owner);
  }

  /** Takes the next item, and moves its owner behind all others. @returns `undefined` when nothing waits */
  take(): Item | undefined {
    for (const [owner, own] of this.#waiting) {
      this.#waiting.delete(owner);
      for (const item of own) {
        own.delete(item);
        if (own.size > 0) this.#waiting.set(owner, own);
        return item;
      }
    }
    return undefined;
  }
}
