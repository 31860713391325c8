/** Numbers that look random and are the same for the same seed. */
export class Random {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed;
  }

  /** @returns a whole number from `least` to `most` */
  between(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  pick<Each>(all: readonly [Each, ...Each[]]): Each {
    return all[this.between(0, all.length - 1)] ?? all[0];
  }

  /** Mulberry32, which is in the public domain. @returns 0 up to but not 1 */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** @returns the seed in `WUTS_TEST_SEED`, else a new one */
export function seedOfRun(): number {
  const given = process.env.WUTS_TEST_SEED;
  if (given === undefined) return Math.floor(Math.random() * 2 ** 31);
  if (!/^[0-9]{1,10}$/.test(given)) throw new Error("WUTS_TEST_SEED must be a whole number");
  return Number(given);
}

/** @returns the whole number in an environment variable, at least 1, or what it is by default */
export function countFromEnvironment(name: string, byDefault: number): number {
  const given = process.env[name];
  if (given === undefined) return byDefault;
  if (!/^[1-9][0-9]{0,5}$/.test(given)) throw new Error(`${name} must be a whole number from 1 on`);
  return Number(given);
}
