import { Rounds } from "./round-robin.ts";

export interface FairQueueOptions {
  /** The number of tasks under way at once. */
  readonly concurrency: number;
  /** The number of tasks of one owner that may wait. */
  readonly maxWaiting: number;
  /** The longest wait for a slot, in milliseconds. */
  readonly limitMs: number;
  /** Creates the error that is thrown when too many tasks wait already, or when the wait takes too long. */
  readonly refusal: () => Error;
}

/**
 * A fair queue: runs the tasks of many owners round-robin. An owner with many tasks waits for its own, and delays the others by
 * no more than one round.
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

  /** Hands the slot of a finished task to the next waiting task. */
  #handOn(): void {
    const begin = this.#waiting.take();
    if (begin) begin();
    else this.#underWay -= 1;
  }
}
