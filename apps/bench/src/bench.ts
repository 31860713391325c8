import { setTimeout as sleep } from "node:timers/promises";
import { applyLoad, type Limit } from "./load.ts";
import type { Options } from "./options.ts";
import { numbers } from "./people.ts";
import { type Result, rowsOf, type Sample, thisMachine } from "./result.ts";
import { percentile } from "./statistics.ts";
import { type Servers, startServers, type VariantKey, variantKeys } from "./variants.ts";

export const connectionCounts: readonly number[] = [1, 16, 64];

const asked =
  `GET, one after the other over each connection, for the pictures of ${numbers.length} different numbers; ` +
  "each connection has its own share of them, so no two questions under way at once are the same";

/**
 * Starts everything, measures, and stops everything.
 * @param progress is told what happens next
 * @throws Error when any request fails, or when the signal ends the run
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
    await warmUp(servers, options.limit, signal);
    const samples: Sample[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const connections of connectionCounts) {
        progress(`round ${round} of ${options.rounds}, ${connections} at once`);
        samples.push(...(await measure(servers, connections, options.limit, signal)));
      }
    }
    return { startedAt, machine: thisMachine(), options, asked, rows: rowsOf(samples) };
  } finally {
    await servers.stop();
  }
}

/**
 * Before anything is measured all code runs for a while, and everybody is asked for by hand: at the first question about
 * a number Baileys' `profilePictureUrl` also asks for its LID, which would be measured in the first round only.
 */
async function warmUp({ variants }: Servers, limit: Limit, signal: AbortSignal): Promise<void> {
  await applyLoad(variants.byHand, { connections: 16, limit: { requests: numbers.length } }, signal);
  const enough = "seconds" in limit ? { seconds: Math.min(limit.seconds, 3) } : limit;
  for (const key of variantKeys) {
    await applyLoad(variants[key], { connections: 16, limit: enough }, signal);
  }
}

/** One round at one number of connections: the variants one right after the other, since machines have moods. */
async function measure(
  { variants, countPictureQueries }: Servers,
  connections: number,
  limit: Limit,
  signal: AbortSignal,
): Promise<Sample[]> {
  const measured = async (key: VariantKey) => {
    const before = await countPictureQueries();
    const load = await applyLoad(variants[key], { connections, limit }, signal);
    return { ...load, pictureQueries: (await settled(countPictureQueries)) - before };
  };
  const all = {
    ours: await measured("ours"),
    byHand: await measured("byHand"),
    bareQuery: await measured("bareQuery"),
  };
  return variantKeys.map((variant) => {
    const { answers, answersPerSecond, latencies, pictureQueries } = all[variant];
    const figures = {
      answers,
      answersPerSecond,
      ratioToByHand: answersPerSecond / all.byHand.answersPerSecond,
      p50Ms: percentile(latencies, 0.5),
      p99Ms: percentile(latencies, 0.99),
      pictureQueriesPerAnswer: pictureQueries / answers,
    };
    return { variant, name: variants[variant].name, connections, figures };
  });
}

/** What was under way when the time was up is still asked and answered, to nobody. @returns the count at rest */
async function settled(count: () => Promise<number>): Promise<number> {
  let last = await count();
  for (let look = 0; look < 50; look += 1) {
    await sleep(100);
    const now = await count();
    if (now === last) return now;
    last = now;
  }
  throw new Error("queries still reach the simulated WhatsApp 5 s after the last request");
}
