import type { Limit } from "./load.ts";

/** How long to measure. */
export interface Options {
  /** For each variant and number of connections, in each round. */
  readonly limit: Limit;
  readonly rounds: number;
}

/**
 * Reads `BENCH_SECONDS` (0.1 to 600, default 3) and `BENCH_ROUNDS` (1 to 100, default 3).
 * @throws RangeError that names the variable to change
 */
export function readOptions(environment: Record<string, string | undefined>): Options {
  const seconds = Number(environment.BENCH_SECONDS || 3);
  const rounds = Number(environment.BENCH_ROUNDS || 3);
  if (!(seconds >= 0.1 && seconds <= 600)) throw new RangeError("BENCH_SECONDS must be from 0.1 to 600.");
  if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= 100)) {
    throw new RangeError("BENCH_ROUNDS must be a whole number from 1 to 100.");
  }
  return { limit: { seconds }, rounds };
}
