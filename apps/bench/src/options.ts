import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Limit } from "./load.ts";
import { type SectionName, sectionNames } from "./result.ts";

/** The sections to measure, and how long. */
export interface Options {
  readonly only: readonly SectionName[];
  /** For each variant and number of connections, in each round. */
  readonly limit: Limit;
  readonly rounds: number;
  /** Of the sections that start processes with many devices. */
  readonly processRounds: number;
  /** Whether the numbers do not matter, only that it works: everything is small and short. */
  readonly quick: boolean;
}

export interface CommandLine extends Options {
  /** Where the result is written, or read from. */
  readonly json: string;
  /** Whether the last result is written into docs/performance.md, instead of measuring. */
  readonly readme: boolean;
}

export const usage = `npm run bench -- [options]

  --only a,b       only these sections: ${sectionNames.map((name, index) => `${letterOf(index)} or ${name}`).join(", ")}
  --seconds 1      how long each variant is measured in each round, 0.1 to 600
  --rounds 9       how often, 1 to 100; memory takes 2 rounds and start 5 at the most
  --json FILE      where the result is written; apps/bench/reports/bench.json
  --quick          as little of everything as shows that it works
  --readme         measures nothing, but writes what is in the JSON file into docs/performance.md
`;

/** Reads the command line. @throws RangeError that names the option to change */
export function readOptions(args: readonly string[], folder: string = process.cwd()): CommandLine {
  const { only, seconds, rounds, json, quick = false, readme = false } = parsed(args);
  const roundsWanted = numberOf("rounds", rounds ?? (quick ? "1" : "9"), 1, 100);
  if (!Number.isInteger(roundsWanted)) throw new RangeError("--rounds must be a whole number.");
  const limit = quick ? { requests: 128 } : { seconds: numberOf("seconds", seconds ?? "1", 0.1, 600) };
  return {
    only: only === undefined ? sectionNames : only.split(",").map(sectionOf),
    limit,
    rounds: roundsWanted,
    processRounds: Math.min(2, roundsWanted),
    quick,
    json: json === undefined ? usualJson : resolve(folder, json),
    readme,
  };
}

function parsed(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: "string" },
        seconds: { type: "string" },
        rounds: { type: "string" },
        json: { type: "string" },
        quick: { type: "boolean" },
        readme: { type: "boolean" },
      },
    });
    return values;
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (text === "" || !(number >= least && number <= most))
    throw new RangeError(`--${name} must be from ${least} to ${most}.`);
  return number;
}

function sectionOf(text: string): SectionName {
  const wanted = text.trim();
  const found = sectionNames.find((name, index) => name === wanted || letterOf(index) === wanted);
  if (found === undefined) throw new RangeError(`--only: there is no section ${wanted}.`);
  return found;
}

function letterOf(index: number): string {
  return String.fromCharCode("a".charCodeAt(0) + index);
}

const usualJson = fileURLToPath(new URL("../reports/bench.json", import.meta.url));
