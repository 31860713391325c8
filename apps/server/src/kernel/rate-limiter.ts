import { setTimeout } from "node:timers/promises";
import PQueue from "p-queue";
import { Failure } from "./failures.ts";
import { GrowingPause } from "./growing-pause.ts";

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
  readonly #underWay: PQueue;
  readonly #turns = new PQueue({ concurrency: 1 });
  #perMinute: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  readonly #pause = new GrowingPause();
  /** Has whoever waits for a turn look again when that comes. */
  #lookAgain = () => {};

  constructor({ perMinute, concurrency }: PaceOptions) {
    this.#perMinute = perMinute;
    this.#underWay = new PQueue({ concurrency });
  }

  /** Goes on at another pace, from the turn on that is waited for now. A pause that has begun stays as long as it is. */
  change(perMinute: number): void {
    this.#perMinute = perMinute;
    this.#lookAgain();
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

  /** To be told when somebody asks to slow down. */
  slowDown(): void {
    this.#pause.begin(this.#distanceMs);
  }

  /** To be told when nobody does. */
  goOn(): void {
    this.#pause.goOn();
  }

  get #distanceMs(): number {
    return 60_000 / this.#perMinute;
  }

  async #turn(patience: AbortSignal): Promise<void> {
    await this.#underWay.onSizeLessThan(1);
    // A pause may begin, and the pace may change, while this waits.
    for (;;) {
      patience.throwIfAborted();
      const nextAt = Math.max(this.#lastAt + this.#distanceMs, this.#pause.until);
      const waitMs = nextAt - performance.now();
      if (waitMs <= 0) break;
      await this.#wait(Math.ceil(waitMs), patience);
    }
    this.#lastAt = performance.now();
  }

  /** Waits, but no longer than until there is a reason to look again. */
  async #wait(ms: number, patience: AbortSignal): Promise<void> {
    const looking = new AbortController();
    this.#lookAgain = () => looking.abort();
    const signal = AbortSignal.any([patience, looking.signal]);
    await setTimeout(ms, undefined, { signal }).catch(() => {});
  }
}

/** How much may wait for its turn or be under way, of all batches of a device. */
const most = 1_000;
