import { numbers, silentNumbers } from "../accounts.ts";
import { inTurns, p50, perSecond, ratios, warmUp } from "../in-turns.ts";
import { applyLoad, type Variant } from "../load.ts";
import { makeLogins, someOf, startAllDevices } from "../logins.ts";
import type { Child } from "../processes/child.ts";
import { type Goal, goalOf, type Row, rowOf, type Section } from "../result.ts";
import type { Bench } from "../run.ts";
import { type Simulator, startByHand, startOurServer, startSimulator } from "../servers.ts";
import { cpuPerAnswer, loadWithUsage } from "../usage.ts";

const connectionCounts = [1, 16, 64, 256];
const goalFrom = 64;
const goalAtLeast = 0.95;
const silenceGoalAtMost = 1.1;

/** The whole way to a picture when WhatsApp takes as long to answer as it does, against the server by hand. */
export async function compareLatencies(bench: Bench): Promise<Section> {
  const { options, processes, signal, progress } = bench;
  const latencies = options.quick ? [5] : [80, 300];
  // One connection gets three answers in a second at the longer one.
  const limit =
    "seconds" in options.limit
      ? { seconds: 2 * options.limit.seconds }
      : { requests: Math.max(options.limit.requests, ...connectionCounts) };
  progress("starting and pairing");
  const simulator = await startSimulator(processes);
  const ours = await startOurServer(processes, simulator, signal);
  const byHand = await startByHand(processes, simulator);
  progress("warming up");
  await applyLoad(byHand.variant, { connections: 16, limit: { requests: numbers.length } }, signal);
  await warmUp(bench, ours.variant, byHand.variant);

  const rows: Row[] = [];
  const goals: Goal[] = [];
  /** Compares both servers at some numbers of connections. @param goalsFrom for so many connections, there is a goal */
  const compare = async (
    latency: number,
    whose: string,
    one: Servers,
    counts: readonly number[],
    goalsFrom: number,
  ) => {
    await one.simulator.child.ask("latency", String(latency));
    for (const connections of counts) {
      const at = `${latency} ms, ${whose}${connections} at once`;
      progress(at);
      const load = { connections, limit };
      const rounds = await inTurns(Math.min(5, options.rounds), {
        ours: () => loadWithUsage(one.ours.child, one.ours.variant, load, signal),
        byHand: () => loadWithUsage(one.byHand.child, one.byHand.variant, load, signal),
      });
      rows.push(rowOf(`${at}, our server`, rounds.ours), rowOf(`${at}, by hand`, rounds.byHand));
      if (connections < goalsFrom) continue;
      const compared = ratios(rounds.ours, rounds.byHand, perSecond);
      goals.push(goalOf(`answers per second of those by hand, ${at}`, "at least", goalAtLeast, "", compared));
    }
  };
  for (const [index, latency] of latencies.entries())
    await compare(
      latency,
      "",
      { simulator, ours, byHand },
      connectionCounts,
      index === 0 ? goalFrom : Infinity,
    );

  const [latency = 0] = latencies;
  await simulator.child.ask("latency", String(latency));
  const at = `${latency} ms, 16 at once`;
  progress(`${at}, beside ${silentNumbers.length} contacts without an answer`);
  const load = { connections: 16, limit };
  const measure = () => loadWithUsage(ours.child, ours.variant, load, signal);
  const rounds = await inTurns(Math.min(options.quick ? 1 : 3, options.rounds), {
    alone: measure,
    beside: async () => {
      const silent = silentNumbers.map((number) => refused(ours.variant, number, signal));
      const figures = await measure();
      await Promise.all(silent);
      return figures;
    },
  });
  const what = `${at}, beside ${silentNumbers.length} that WhatsApp never answers, our server`;
  rows.push(rowOf(what, rounds.beside));
  const slower = ratios(rounds.beside, rounds.alone, p50);
  goals.push(
    goalOf(`p50 beside them, of that without them, ${at}`, "at most", silenceGoalAtMost, "", slower),
  );

  const devices = options.quick ? 2 : 100;
  progress(`connecting ${devices} devices each`);
  const made = await makeLogins(bench, 2 * devices);
  const many: Servers = {
    simulator: made.simulator,
    ours: await startAllDevices(bench, "our-server", someOf(made.logins, 0, devices), made.simulator),
    byHand: await startAllDevices(
      bench,
      "bare-baileys",
      someOf(made.logins, devices, 2 * devices),
      made.simulator,
    ),
  };
  // Each connection goes through all devices: each socket has asked for the LID of each number then.
  const all = { connections: numbers.length, limit: { requests: devices * numbers.length } };
  await applyLoad(many.byHand.variant, all, signal);
  await warmUp(bench, many.ours.variant, many.byHand.variant);
  await compare(latency, `${devices} devices, `, many, connectionCounts, goalFrom);
  return {
    name: "latency",
    title: "A picture when WhatsApp takes its time, against a server by hand",
    means: meaningOf(rows, latency),
    how:
      "GET /contacts/profile-picture, all of it, against Express and sock.profilePictureUrl; the simulated WhatsApp answers " +
      "each question about a picture so many milliseconds after it came.",
    rows,
    goals,
  };
}

/** Two servers on one simulated WhatsApp. */
interface Servers {
  readonly simulator: Simulator;
  readonly ours: { readonly child: Child; readonly variant: Variant };
  readonly byHand: { readonly child: Child; readonly variant: Variant };
}

function meaningOf(rows: readonly Row[], latency: number): string {
  const { figures = {} } = rows.find(({ what }) => what === `${latency} ms, 64 at once, our server`) ?? {};
  const perCore = 1e6 / (figures[cpuPerAnswer] ?? Number.NaN);
  return (
    `When WhatsApp answers after ${latency} ms, one device answers ${(figures[perSecond] ?? Number.NaN).toFixed(0)} pictures a ` +
    "second: `WUTS_DEVICE_CONCURRENCY` of them are under way at once, and others wait for their turn. All devices of a server " +
    `together can have ${perCore.toFixed(0)} answers a second for each core. What an account survives is far less; the limits ` +
    "for that are `WUTS_PICTURE_QUERIES_PER_MINUTE` and `WUTS_PICTURE_PACE_PER_MINUTE`."
  );
}

/** Asks for a picture until the server gives up. @throws Error when there is one */
async function refused({ url, path, headers }: Variant, number: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(`${url}${path}${number}`, { headers, signal });
  await answer.arrayBuffer();
  if (answer.status !== 504) throw new Error(`a silent contact was answered with ${answer.status}`);
}
