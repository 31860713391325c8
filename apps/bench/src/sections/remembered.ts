import { numbers } from "../accounts.ts";
import { inTurns, loadOf, perSecond, ratios, warmUp } from "../in-turns.ts";
import { applyLoad } from "../load.ts";
import { type Goal, goalOf, type Row, rowOf, type Section } from "../result.ts";
import type { Bench } from "../run.ts";
import { startOurServer, startSimulator } from "../servers.ts";

const goalAtLeast = 0.4;
const connectionCounts = [1, 16, 64];
const goalFrom = 16;

/** Pictures that need no question to WhatsApp, against a server that does nothing but answer the same JSON. */
export async function compareRemembered(bench: Bench): Promise<Section> {
  const { options, processes, signal, progress } = bench;
  progress("starting and pairing");
  const simulator = await startSimulator(processes);
  const settings = ["WUTS_PICTURE_CACHE_SECONDS=3600"];
  const ours = await startOurServer(processes, simulator, signal, { settings });
  progress("having all pictures remembered");
  await applyLoad(ours.variant, { connections: 16, limit: { requests: numbers.length } }, signal);
  const example = await fetch(`${ours.variant.url}${ours.variant.path}${numbers[0]}`, {
    headers: ours.variant.headers,
    signal,
  });
  const child = processes.start("same-json", await example.text());
  const plain = {
    ...ours.variant,
    name: "Express and the same JSON",
    url: await child.hear("url"),
    headers: {},
  };
  progress("warming up");
  await warmUp(bench, ours.variant, plain);
  const count = async () => Number(await simulator.child.ask("picture queries"));
  const queriesBefore = await count();

  const rows: Row[] = [];
  const goals: Goal[] = [];
  for (const connections of connectionCounts) {
    progress(`${connections} at once`);
    const rounds = await inTurns(options.rounds, {
      ours: loadOf(ours.variant, connections, bench),
      plain: loadOf(plain, connections, bench),
    });
    const at = `${connections} at once`;
    rows.push(rowOf(`${at}, our server`, rounds.ours));
    rows.push(rowOf(`${at}, ${plain.name}`, rounds.plain));
    const compared = ratios(rounds.ours, rounds.plain, perSecond);
    if (connections >= goalFrom) {
      goals.push(
        goalOf(`answers per second of those of Express, ${at}`, "at least", goalAtLeast, "", compared),
      );
    }
  }
  if ((await count()) !== queriesBefore) throw new Error("a picture was asked for that was remembered");
  return {
    name: "remembered",
    title: "A remembered picture, against Express alone",
    means:
      "What a request costs that WhatsApp is not asked for. `WUTS_PICTURE_CACHE_SECONDS` turns most requests for pictures into " +
      "such ones.",
    isAppendix: true,
    how:
      "GET /contacts/profile-picture with WUTS_PICTURE_CACHE_SECONDS, all of it but the question to WhatsApp, against " +
      "an Express handler that answers the same JSON.",
    rows,
    goals,
  };
}
