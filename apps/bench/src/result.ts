import { cpus, totalmem } from "node:os";
import { median } from "./statistics.ts";

/** The sections, in the order in which they are measured; on the command line they are a, b and so on, too. */
export const sectionNames = [
  "latency",
  "by-hand",
  "raw-query",
  "remembered",
  "many-devices",
  "memory",
  "start",
  "reconnects",
] as const;

export type SectionName = (typeof sectionNames)[number];

/** The result of a run, as it is written to the JSON file. */
export interface Result {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly quick: boolean;
  readonly sections: readonly Section[];
}

export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
}

export interface Section {
  readonly name: SectionName;
  readonly title: string;
  /** A sentence about the method. */
  readonly how: string;
  /** What the figures of this run mean to an operator. */
  readonly means: string;
  /** Whether WhatsApp answers at once in it, unlike outside of benchmarks: then it is in the appendix of the page. */
  readonly isAppendix?: boolean;
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
}

/** Figures of one variant, by what they are, unit included; medians of the rounds. */
export interface Row {
  readonly what: string;
  readonly figures: Figures;
  readonly rounds: readonly Figures[];
}

export type Figures = Readonly<Record<string, number>>;

/** A goal, with the measured value: the median of the rounds. */
export interface Goal {
  readonly what: string;
  readonly wanted: "at least" | "at most";
  readonly limit: number;
  readonly unit: string;
  readonly measured: number;
  readonly rounds: readonly number[];
  readonly met: boolean;
}

export function rowOf(what: string, rounds: readonly Figures[]): Row {
  const names = Object.keys(rounds[0] ?? {});
  const figures = Object.fromEntries(
    names.map((name) => [name, median(rounds.map((round) => round[name] ?? Number.NaN))]),
  );
  return { what, figures, rounds };
}

/** @param rounds what each round came to, compared within the round */
export function goalOf(
  what: string,
  wanted: Goal["wanted"],
  limit: number,
  unit: string,
  rounds: readonly number[],
): Goal {
  const measured = median(rounds);
  const met = wanted === "at least" ? measured >= limit : measured <= limit;
  return { what, wanted, limit, unit, measured, rounds, met };
}

export function thisMachine(): Machine {
  const cores = cpus();
  return {
    node: process.version,
    cpu: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}
