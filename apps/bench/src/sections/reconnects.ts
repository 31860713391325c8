import { inTurns, loadOf, perSecond, ratios, warmUp } from "../in-turns.ts";
import { goalOf, rowOf, type Section } from "../result.ts";
import type { Bench } from "../run.ts";
import { type OurServer, startOurServer, startSimulator } from "../servers.ts";

const goalAtLeast = 0.95;

/** Whether a device after many reconnects is slower than a device without any. */
export async function compareReconnects(bench: Bench): Promise<Section> {
  const { options, processes, signal, progress } = bench;
  const often = options.quick ? 3 : 500;
  progress("starting and pairing");
  const simulator = await startSimulator(processes);
  const fresh = await startOurServer(processes, simulator, signal);
  const worn = await startOurServer(processes, simulator, signal, { phone: "5511800000001" });
  progress(`reconnecting ${often} times`);
  await reconnect(fresh, 1, signal);
  await reconnect(worn, often, signal);
  progress("warming up");
  await warmUp(bench, fresh.variant, worn.variant);
  progress("16 at once");
  const rounds = await inTurns(2 * options.rounds, {
    worn: loadOf(worn.variant, 16, bench),
    fresh: loadOf(fresh.variant, 16, bench),
  });
  return {
    name: "reconnects",
    title: `A device that has reconnected ${often} times, against one that has once`,
    means:
      "A device that loses its connection again and again leaves nothing behind: no restart is needed for it.",
    how: "GET /contacts/profile-picture over 16 connections, in two processes that stay.",
    rows: [rowOf("after 1 reconnect", rounds.fresh), rowOf(`after ${often} reconnects`, rounds.worn)],
    goals: [
      goalOf(
        `answers per second after ${often} reconnects, of those after 1`,
        "at least",
        goalAtLeast,
        "",
        ratios(rounds.worn, rounds.fresh, perSecond),
      ),
    ],
  };
}

async function reconnect({ wuts, deviceId }: OurServer, times: number, signal: AbortSignal): Promise<void> {
  const device_id = deviceId;
  for (let time = 0; time < times; time += 1) {
    await wuts.session.disconnect({ device_id }, { signal });
    await wuts.session.connect({ device_id }, { signal });
  }
}
