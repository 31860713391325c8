export interface FairQueueOptions {
  /** How much is under way at once. */
  readonly concurrency: number;
  /** How much of one owner may wait. */
  readonly maxWaiting: number;
  /** How long a turn is waited for, in milliseconds. */
  readonly patienceMs: number;
  /** What is thrown when too much waits already, or the turn does not come. */
  readonly refusal: () => Error;
}

/**
 * Does what many owners want, each owner's next in turn: whoever wants much waits for their own, and keeps nobody else waiting
 * for longer than one turn of everybody.
 */
export class FairQueue {
  readonly #options: FairQueueOptions;
  /** By owner, who waits, in order. The owner whose turn is next is the first. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #underWay = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  /** @throws the refusal, or what `work` throws */
  async run<Result>(owner: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#underWay < this.#options.concurrency) this.#underWay += 1;
    else await this.#turn(owner);
    try {
      return await work();
    } finally {
      this.#handOn();
    }
  }

  #turn(owner: string): Promise<void> {
    const own = this.#waiting.get(owner) ?? new Set();
    if (own.size >= this.#options.maxWaiting) return Promise.reject(this.#options.refusal());
    this.#waiting.set(owner, own);
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        own.delete(begin);
        if (own.size === 0) this.#waiting.delete(owner);
        reject(this.#options.refusal());
      }, this.#options.patienceMs);
      own.add(begin);
    });
  }

  /** The place of what is over goes to the next owner, who has their turn again after all the others. */
  #handOn(): void {
    for (const [owner, own] of this.#waiting) {
      this.#waiting.delete(owner);
      const [begin] = own;
      if (!begin) continue;
      own.delete(begin);
      if (own.size > 0) this.#waiting.set(owner, own);
      begin();
      return;
    }
    this.#underWay -= 1;
  }
}
