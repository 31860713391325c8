import { cpus } from "node:os";
import type { Options } from "./options.ts";
import { median } from "./statistics.ts";
import type { VariantKey } from "./variants.ts";

/** What a run came to; written to `results/latest.json`. */
export interface Result {
  readonly startedAt: string;
  readonly machine: { readonly node: string; readonly cpu: string; readonly cores: number };
  readonly options: Options;
  readonly asked: string;
  readonly rows: readonly Row[];
}

/** One variant at one number of connections: medians of its rounds. */
export interface Row extends Figures {
  readonly variant: VariantKey;
  readonly name: string;
  readonly connections: number;
  readonly rounds: readonly Figures[];
}

export interface Figures {
  readonly answers: number;
  readonly answersPerSecond: number;
  /** `answersPerSecond` by that of the by-hand server in the same round. */
  readonly ratioToByHand: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Less than 1 would mean that questions shared an answer. */
  readonly pictureQueriesPerAnswer: number;
}

/** One round of one row. */
export interface Sample {
  readonly variant: VariantKey;
  readonly name: string;
  readonly connections: number;
  readonly figures: Figures;
}

/** Puts the rounds of the same variant and number of connections together, in the order of the first round. */
export function rowsOf(samples: readonly Sample[]): Row[] {
  const groups = Map.groupBy(samples, ({ variant, connections }) => `${variant} ${connections}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { variant, name, connections } = first;
    const rounds = group.map(({ figures }) => figures);
    return { variant, name, connections, ...medians(rounds), rounds };
  });
}

export function thisMachine(): Result["machine"] {
  const cores = cpus();
  return { node: process.version, cpu: cores[0]?.model.trim() ?? "unknown", cores: cores.length };
}

function medians(rounds: readonly Figures[]): Figures {
  const of = (name: keyof Figures) => median(rounds.map((round) => round[name]));
  return {
    answers: of("answers"),
    answersPerSecond: of("answersPerSecond"),
    ratioToByHand: of("ratioToByHand"),
    p50Ms: of("p50Ms"),
    p99Ms: of("p99Ms"),
    pictureQueriesPerAnswer: of("pictureQueriesPerAnswer"),
  };
}
