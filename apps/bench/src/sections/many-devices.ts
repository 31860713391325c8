import { inTurns, ratios, warmUp } from "../in-turns.ts";
import { makeLogins, someOf, startAllDevices } from "../logins.ts";
import { type Goal, goalOf, type Row, rowOf, type Section } from "../result.ts";
import type { Bench } from "../run.ts";
import { cpuPerAnswer, loadWithUsage } from "../usage.ts";

const goalAtMost = 1.25;
const connectionCounts = [16, 64];

/** The cost of an answer with many devices, asked in turn, against that with few. */
export async function compareManyDevices(bench: Bench): Promise<Section> {
  const { options, signal, progress } = bench;
  const [few, many] = options.quick ? [2, 4] : [10, 400];
  progress("making logins");
  const { logins, simulator } = await makeLogins(bench, few + many);
  progress(`connecting ${few} and ${many} devices`);
  const small = await startAllDevices(bench, "our-server", someOf(logins, 0, few), simulator);
  const large = await startAllDevices(bench, "our-server", someOf(logins, few, few + many), simulator);
  progress("warming up");
  await warmUp(bench, small.variant, large.variant);

  const rows: Row[] = [];
  const goals: Goal[] = [];
  for (const connections of connectionCounts) {
    const at = `${connections} at once`;
    progress(at);
    const load = { connections, limit: options.limit };
    const rounds = await inTurns(options.rounds, {
      small: () => loadWithUsage(small.child, small.variant, load, signal),
      large: () => loadWithUsage(large.child, large.variant, load, signal),
    });
    rows.push(rowOf(`${at}, ${few} devices`, rounds.small), rowOf(`${at}, ${many} devices`, rounds.large));
    const compared = ratios(rounds.large, rounds.small, cpuPerAnswer);
    goals.push(
      goalOf(
        `CPU for each answer with ${many} devices, of that with ${few}, ${at}`,
        "at most",
        goalAtMost,
        "",
        compared,
      ),
    );
  }
  return {
    name: "many-devices",
    title: "A picture through one of many devices",
    means:
      "How many devices a server has makes little difference to what an answer costs. When the cores are busy, a second server " +
      "on the same PostgreSQL takes half of the devices.",
    how: `GET /contacts/profile-picture with device_id, through ${few} and through ${many} connected devices in turn.`,
    rows,
    goals,
  };
}
