import { numbers } from "../accounts.ts";
import { connectionCounts, figuresOf, inTurns, loadOf, type Measure, p50, warmUp } from "../in-turns.ts";
import { applyLoad } from "../load.ts";
import { type Goal, goalOf, type Row, rowOf, type Section } from "../result.ts";
import type { Bench } from "../run.ts";
import { startByHand, startOurServer, startSimulator } from "../servers.ts";
import { asked } from "./by-hand.ts";

const goalMs = 1;

/** The whole way to a picture, against the query alone, without a server around it. */
export async function compareRawQuery(bench: Bench): Promise<Section> {
  const { options, processes, signal, progress } = bench;
  progress("starting and pairing");
  const simulator = await startSimulator(processes);
  const ours = await startOurServer(processes, simulator, signal);
  const { child, variant } = await startByHand(processes, simulator);
  /** As many at once as there are connections. */
  const queries =
    (atOnce: number): Measure =>
    async () => {
      const limit = "seconds" in options.limit ? options.limit : { requests: options.limit.requests };
      return figuresOf(JSON.parse(await child.ask("queries", JSON.stringify({ atOnce, ...limit }))));
    };
  progress("warming up");
  await applyLoad(variant, { connections: 16, limit: { requests: numbers.length } }, signal);
  await warmUp(bench, ours.variant);
  await queries(16)();

  const rows: Row[] = [];
  const goals: Goal[] = [];
  for (const connections of connectionCounts) {
    progress(`${connections} at once`);
    const rounds = await inTurns(options.rounds, {
      ours: loadOf(ours.variant, connections, bench),
      raw: queries(connections),
    });
    const at = `${connections} at once`;
    rows.push(rowOf(`${at}, our server`, rounds.ours));
    rows.push(rowOf(`${at}, sock.query`, rounds.raw));
    if (connections > 1) continue;
    const over = rounds.ours.map((own, round) => (own[p50] ?? Number.NaN) - (rounds.raw[round]?.[p50] ?? 0));
    goals.push(goalOf(`p50 over that of sock.query, ${at}`, "at most", goalMs, "ms", over));
  }
  return {
    name: "raw-query",
    title: "A picture, against the query alone",
    means: "What HTTP and all that is behind it add to a query.",
    isAppendix: true,
    how: `GET /contacts/profile-picture over HTTP, against sock.query called in a process; ${asked}.`,
    rows,
    goals,
  };
}
