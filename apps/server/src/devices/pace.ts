import { setTimeout } from "node:timers/promises";
import PQueue from "p-queue";
import { Failure } from "../failures.ts";

export interface PaceOptions {
  /** How much is begun in a minute, evenly spread. */
  readonly perMinute: number;
  /** How much is under way at once. */
  readonly concurrency: number;
}

/**
 * Begins work at a steady pace, however much there is and whoever it is for. Those who ask to slow down are given a pause,
 * a longer one each time they ask again, until something went well.
 */
export class Pace {
  readonly #distanceMs: number;
  readonly #firstPauseMs: number;
  readonly #longestPauseMs: number;
  readonly #underWay: PQueue;
  readonly #turns = new PQueue({ concurrency: 1 });
  #nextAt = 0;
  #pausedUntil = 0;
  #pauseMs: number;

  constructor({ perMinute, concurrency }: PaceOptions) {
    this.#distanceMs = 60_000 / perMinute;
    this.#firstPauseMs = pauseInDistances * this.#distanceMs;
    this.#longestPauseMs = Math.max(60_000, this.#firstPauseMs);
    this.#pauseMs = this.#firstPauseMs;
    this.#underWay = new PQueue({ concurrency });
  }

  /** @throws Failure DeviceBusy when this much more would be too much */
  refuseMoreThanFits(count: number): void {
    const there = [this.#turns, this.#underWay].reduce((sum, { size, pending }) => sum + size + pending, 0);
    if (there + count > most) throw new Failure("DeviceBusy");
  }

  /**
   * Begins work when its turn comes.
   * @param place in its batch: the first of all batches come before the second of any, so that small ones need not wait
   * for large ones
   * @param patience while it lasts, the turn is waited for; what has begun is not stopped
   * @throws the reason of `patience`
   */
  async run<Result>(work: () => Promise<Result>, place: number, patience: AbortSignal): Promise<Result> {
    const begin = async () => {
      await this.#turn(patience);
      // Not awaited here: others have their turn while this is under way.
      return { result: this.#underWay.add(work) };
    };
    const { result } = await this.#turns.add(begin, { signal: patience, priority: -place });
    return result;
  }

  /** To be told when somebody asks to slow down. What was begun before the pause may ask for the same: it counts once. */
  slowDown(): void {
    const now = performance.now();
    if (now < this.#pausedUntil) return;
    this.#pausedUntil = now + this.#pauseMs;
    this.#nextAt = Math.max(this.#nextAt, this.#pausedUntil);
    this.#pauseMs = Math.min(2 * this.#pauseMs, this.#longestPauseMs);
  }

  /** To be told when nobody does. */
  goOn(): void {
    if (performance.now() >= this.#pausedUntil) this.#pauseMs = this.#firstPauseMs;
  }

  async #turn(signal: AbortSignal): Promise<void> {
    await this.#underWay.onSizeLessThan(1);
    // A pause may begin while this waits.
    for (;;) {
      const waitMs = this.#nextAt - performance.now();
      if (waitMs <= 0) break;
      await setTimeout(Math.ceil(waitMs), undefined, { signal });
    }
    signal.throwIfAborted();
    this.#nextAt = performance.now() + this.#distanceMs;
  }
}

/** The first pause: how many turns it leaves out. */
const pauseInDistances = 25;

/** How much may wait for its turn or be under way, of all batches of a device. */
const most = 1_000;
