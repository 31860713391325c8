import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { applyLoad, type Variant } from "./load.ts";
import type { Options } from "./options.ts";
import { numbers } from "./people.ts";
import { median, percentile } from "./statistics.ts";
import { type Servers, startServers, type VariantKey, variantNames } from "./variants.ts";

const connectionCounts = [1, 16, 64] as const;

/** What a run came to; written to `results/latest.json`. */
export interface Result {
  readonly startedAt: string;
  readonly machine: { readonly node: string; readonly cpu: string; readonly cores: number };
  readonly options: Options;
  readonly asked: { readonly numbers: number; readonly how: string };
  readonly rows: readonly Row[];
}

/** One variant at one number of connections: medians of its rounds. */
export interface Row extends Round {
  readonly variant: VariantKey;
  readonly connections: number;
  readonly rounds: readonly Round[];
}

export interface Round {
  readonly answers: number;
  readonly answersPerSecond: number;
  /** `answersPerSecond` by that of the by-hand server in the same round. */
  readonly ratioToByHand: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Less than 1 would mean that answers were shared or remembered. */
  readonly pictureQueriesPerAnswer: number;
}

/**
 * Starts everything, measures and stops everything.
 * @param progress is told what happens next
 * @throws Error when any request fails; the signal's reason when it ends the run
 */
export async function runBench(
  options: Options,
  signal: AbortSignal,
  progress: (line: string) => void = () => undefined,
): Promise<Result> {
  const startedAt = new Date().toISOString();
  progress("starting and pairing");
  const servers = await startServers(signal);
  try {
    progress("warming up");
    for (const variant of Object.values(servers.variants)) await warmUp(variant, signal);
    const rounds: ReturnType<typeof emptyRounds> = emptyRounds();
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const connections of connectionCounts) {
        progress(`round ${round} of ${options.rounds}, connections: ${connections}`);
        const measured = await measureAll(servers, connections, options.seconds, signal);
        for (const key of variantKeys) rounds[connections][key].push(measured[key]);
      }
    }
    const rows = connectionCounts.flatMap((connections) =>
      variantKeys.map((variant) => row(variant, connections, rounds[connections][variant])),
    );
    return { startedAt, machine: machine(), options, asked: { numbers: numbers.length, how }, rows };
  } finally {
    await servers.stop();
  }
}
