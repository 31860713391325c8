/** What waits for its turn, by its owner: each owner's next in turn, so that whoever has much waits for their own only. */
export class Rounds<Item> {
  /** Each owner's in order. The owner whose turn is next is the first. */
  readonly #waiting = new Map<string, Set<Item>>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** How much of an owner waits. */
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

  /** Takes what is next, whose owner has their turn again after all the others. @returns `undefined` when nothing waits */
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
