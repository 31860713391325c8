import { applyLoad, type Measured, type Variant } from "./load.ts";
import type { Figures } from "./result.ts";
import type { Bench } from "./run.ts";
import { percentile } from "./statistics.ts";

/** Measures something once. */
export type Measure = () => Promise<Figures>;

/**
 * Measures several things in turns, one right after the other, in one order and then in the other: machines have moods, and
 * what comes first may find them in another one than what comes last.
 * @returns for each, what each round came to
 */
export async function inTurns<Name extends string>(
  rounds: number,
  measures: Readonly<Record<Name, Measure>>,
): Promise<Record<Name, readonly Figures[]>> {
  const names = Object.keys(measures) as Name[];
  const all = Object.fromEntries(names.map((name) => [name, [] as Figures[]])) as Record<Name, Figures[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) all[name].push(await measures[name]());
  }
  return all;
}

/** @returns one figure of one by the same of the other, round by round */
export function ratios(one: readonly Figures[], other: readonly Figures[], figure: string): number[] {
  return one.map(
    (figures, round) => (figures[figure] ?? Number.NaN) / (other[round]?.[figure] ?? Number.NaN),
  );
}

/** @returns a measure of how fast a server answers */
export function loadOf(variant: Variant, connections: number, { options, signal }: Bench): Measure {
  return async () => figuresOf(await applyLoad(variant, { connections, limit: options.limit }, signal));
}

export function figuresOf({ answersPerSecond, latencies }: Omit<Measured, "answers">): Figures {
  return {
    [perSecond]: answersPerSecond,
    [p50]: percentile(latencies, 0.5),
    [p99]: percentile(latencies, 0.99),
  };
}

export const perSecond = "answers/s";
export const p50 = "p50 ms";
export const p99 = "p99 ms";

/** So that all code has run for a while before anything is measured. */
export async function warmUp({ options, signal }: Bench, ...variants: readonly Variant[]): Promise<void> {
  const limit = "seconds" in options.limit ? { seconds: Math.min(options.limit.seconds, 3) } : options.limit;
  for (const variant of variants) await applyLoad(variant, { connections: 16, limit }, signal);
}

/** How many connections are asked over. */
export const connectionCounts: readonly number[] = [1, 16, 64];
