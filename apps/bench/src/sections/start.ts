import { inTurns, ratios } from "../in-turns.ts";
import { makeLogins, startWithLogins } from "../logins.ts";
import { type Figures, goalOf, rowOf, type Section } from "../result.ts";
import type { Bench } from "../run.ts";

const goalListeningSeconds = 1;
const goalRestoredAtMost = 1.15;
const goalAfterKillSeconds = 4;

/** How soon a server that starts is of use, against a process that connects the same devices. */
export async function compareStarts(bench: Bench): Promise<Section> {
  const { options, processes, progress } = bench;
  const count = options.quick ? 4 : 200;
  progress("making logins");
  const { logins, simulator } = await makeLogins(bench, count);

  progress(`starting with ${count} devices`);
  const measure = (kind: "our-server" | "bare-baileys") => async () => {
    const started = await startWithLogins(bench, kind, logins, simulator, count);
    const [listening, picture, connected] = await Promise.all([
      started.listening,
      started.picture,
      started.connected,
    ]);
    const figures = {
      ...(listening !== undefined && { [toListening]: listening }),
      [toPicture]: picture,
      [toConnected]: connected,
    };
    if (kind === "bare-baileys") {
      await processes.end(started.child);
      return figures;
    }
    const again = await started.killAndStart();
    const toAnswer = await again.picture;
    await again.connected;
    await processes.end(again.child);
    return { ...figures, [afterKill]: toAnswer };
  };
  const rounds = await inTurns(Math.min(5, options.rounds), {
    ours: measure("our-server"),
    bare: measure("bare-baileys"),
  });
  const listening = rounds.ours.map((figures) => figures[toListening] ?? Number.NaN);
  const connected = ratios(rounds.ours, rounds.bare, toConnected);
  return {
    name: "start",
    title: `A start with ${count} devices, against Baileys sockets`,
    means: meaningOf(count, rowOf("our server", rounds.ours).figures),
    how:
      "From starting the process until it listens, until it has answered a picture, and until all devices are connected; " +
      "the same logins, as many of them at once. Then our server is killed with all devices connected, and started again.",
    rows: [rowOf("our server", rounds.ours), rowOf("Baileys", rounds.bare)],
    goals: [
      goalOf("from start to listening", "at most", goalListeningSeconds, "s", listening),
      goalOf(
        `time until ${count} are connected, of that of Baileys`,
        "at most",
        goalRestoredAtMost,
        "",
        connected,
      ),
      goalOf(
        `from kill -9 with ${count} devices to the first picture`,
        "at most",
        goalAfterKillSeconds,
        "s",
        rounds.ours.map((figures) => figures[afterKill] ?? Number.NaN),
      ),
    ],
  };
}

function meaningOf(count: number, figures: Figures): string {
  const seconds = figures[toConnected] ?? Number.NaN;
  return (
    `After a restart ${count} devices are connected again within ${seconds.toFixed(0)} s, ${(count / seconds).toFixed(0)} a ` +
    "second. Requests are answered from the first second on; those for a device that is not connected yet wait for it " +
    "(`WUTS_RECONNECT_WAIT_MS`). `WUTS_RESTORE_CONCURRENCY` devices log in at once."
  );
}

const afterKill = "s to the first picture after kill -9";
const toListening = "s to listening";
const toPicture = "s to the first picture";
const toConnected = "s to all connected";
