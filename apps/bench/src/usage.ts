import { figuresOf } from "./in-turns.ts";
import { applyLoad, type Load, type Variant } from "./load.ts";
import type { Child } from "./processes/child.ts";
import type { Usage } from "./processes/usage.ts";
import type { Figures } from "./result.ts";

/** Applies a load. @returns how fast the answers came, and what each cost the server's process */
export async function loadWithUsage(
  child: Child,
  variant: Variant,
  load: Load,
  signal: AbortSignal,
): Promise<Figures> {
  const before = await usageOf(child);
  const measured = await applyLoad(variant, load, signal);
  const after = await usageOf(child);
  return {
    ...figuresOf(measured),
    [cpuPerAnswer]: (after.cpuUs - before.cpuUs) / measured.answers,
    "µs of GC/answer": (after.gcUs - before.gcUs) / measured.answers,
    "p99 ms of the loop": after.loopP99Ms,
    "MiB of RSS": after.rssBytes / 2 ** 20,
  };
}

export const cpuPerAnswer = "µs of CPU/answer";

async function usageOf(child: Child): Promise<Usage> {
  return JSON.parse(await child.ask("usage"));
}
