import type { Options } from "./options.ts";
import { Processes } from "./processes/processes.ts";
import { type Result, type Section, type SectionName, thisMachine } from "./result.ts";
import { compareByHand } from "./sections/by-hand.ts";
import { compareLatencies } from "./sections/latency.ts";
import { compareManyDevices } from "./sections/many-devices.ts";
import { compareMemory } from "./sections/memory.ts";
import { compareRawQuery } from "./sections/raw-query.ts";
import { compareReconnects } from "./sections/reconnects.ts";
import { compareRemembered } from "./sections/remembered.ts";
import { compareStarts } from "./sections/start.ts";

/** The context of a section. */
export interface Bench {
  readonly options: Options;
  readonly processes: Processes;
  readonly signal: AbortSignal;
  /** Is called with a line about the next step. */
  readonly progress: (line: string) => void;
}

const measures: Record<SectionName, (bench: Bench) => Promise<Section>> = {
  latency: compareLatencies,
  "by-hand": compareByHand,
  "raw-query": compareRawQuery,
  remembered: compareRemembered,
  "many-devices": compareManyDevices,
  memory: compareMemory,
  start: compareStarts,
  reconnects: compareReconnects,
};

/**
 * Measures section by section; each section starts what it needs, and all of that is stopped after it.
 * @param progress is called with a line about the next step
 * @throws Error when anything fails, or when the signal ends the run
 */
export async function runBench(
  options: Options,
  signal: AbortSignal,
  progress: (line: string) => void = () => undefined,
): Promise<Result> {
  const startedAt = new Date().toISOString();
  const sections: Section[] = [];
  for (const name of options.only) {
    const tell = (line: string) => progress(`${name}: ${line}`);
    const processes = new Processes(signal);
    try {
      sections.push(await measures[name]({ options, processes, signal, progress: tell }));
    } finally {
      await processes.stop();
    }
  }
  return { startedAt, machine: thisMachine(), quick: options.quick, sections };
}
