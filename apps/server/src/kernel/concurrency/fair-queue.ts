import { Rounds } from "./round-robin.ts";

export interface FairQueueOptions {
  /** How much is under way at once. */
  readonly concurrency: number;
  /** How much of one owner may wait. */
  readonly maxWaiting: number;
  /** How long a turn is waited for, in milliseconds. */
  readonly limitMs: number;
  /** What is thrown when too much waits already, or the turn does not come. */
  readonly refusal: () => Error;
}

/**
 * Does what many owners want, each owner's next in turn: whoever wants much waits for their own, and keeps nobody else waiting
 * for longer than one turn of everybody.
 */
export class FairQueue {
  readonly #options: FairQueueOptions;
  readonly #waiting = new Rounds<() => void>();
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
    if (this.#waiting.countOf(owner) >= this.#options.maxWaiting)
      return Promise.reject(this.#options.refusal());
    return new Promise((resolve, reject) => {
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(owner, begin);
        reject(this.#options.refusal());
      }, this.#options.limitMs);
      this.#waiting.add(owner, begin);
    });
  }

  /** The place of what is over goes to whoever is next. */
  #handOn(): void {
    const begin = this.#waiting.take();
    if (begin) begin();
    else this.#underWay -= 1;
  }
}
