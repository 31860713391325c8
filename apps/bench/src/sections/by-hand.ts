import { setTimeout as sleep } from "node:timers/promises";
import { numbers } from "../accounts.ts";
import { connectionCounts, figuresOf, inTurns, perSecond, ratios, warmUp } from "../in-turns.ts";
import { applyLoad, type Variant } from "../load.ts";
import { type Goal, goalOf, type Row, rowOf, type Section } from "../result.ts";
import type { Bench } from "../run.ts";
import { startByHand, startOurServer, startSimulator } from "../servers.ts";

/** By the number of connections. */
const goals: Readonly<Record<number, number>> = { 1: 0.9, 16: 1.2, 64: 1.2 };

/** The whole way to a picture, against the twenty lines that one would write. */
export async function compareByHand(bench: Bench): Promise<Section> {
  const { options, processes, signal, progress } = bench;
  progress("starting and pairing");
  const simulator = await startSimulator(processes);
  const ours = await startOurServer(processes, simulator, signal);
  const byHand = await startByHand(processes, simulator);
  const bareQuery = { ...byHand.variant, name: "Express and sock.query", path: "/query?number=" };
  progress("warming up");
  // At the first question about a number `profilePictureUrl` also asks for its LID, which would be measured in one round only.
  await applyLoad(byHand.variant, { connections: 16, limit: { requests: numbers.length } }, signal);
  await warmUp(bench, ours.variant, byHand.variant, bareQuery);

  const count = async () => Number(await simulator.child.ask("picture queries"));
  const rows: Row[] = [];
  const judged: Goal[] = [];
  for (const connections of connectionCounts) {
    progress(`${connections} at once`);
    const measure = (variant: Variant) => async () => {
      const before = await count();
      const load = await applyLoad(variant, { connections, limit: options.limit }, signal);
      // Less than 1 would mean that answers were shared.
      return { ...figuresOf(load), "queries/answer": ((await settled(count)) - before) / load.answers };
    };
    const rounds = await inTurns(options.rounds, {
      ours: measure(ours.variant),
      byHand: measure(byHand.variant),
      bareQuery: measure(bareQuery),
    });
    const at = `${connections} at once`;
    rows.push(rowOf(`${at}, our server`, rounds.ours));
    rows.push(rowOf(`${at}, by hand`, rounds.byHand));
    rows.push(rowOf(`${at}, ${bareQuery.name}`, rounds.bareQuery));
    const compared = ratios(rounds.ours, rounds.byHand, perSecond);
    const goal = goals[connections];
    if (goal !== undefined)
      judged.push(goalOf(`answers per second of those by hand, ${at}`, "at least", goal, "", compared));
  }
  return {
    name: "by-hand",
    title: "A picture, against a server by hand",
    means:
      "What the check against the contract, tokens, the database and the log cost, where nothing else takes time. With " +
      "WhatsApp's latency it is hardly seen.",
    isAppendix: true,
    how: `GET /contacts/profile-picture, all of it, against Express and sock.profilePictureUrl; ${asked}.`,
    rows,
    goals: judged,
  };
}

export const asked =
  `${numbers.length} different numbers, and each connection has its own share of them, so that no two questions under ` +
  "way at once are the same";

/**
 * Waits until the requests that were under way at the end of the time have finished; no client reads their responses.
 * @returns the count at rest
 */
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
