import { inTurns } from "../in-turns.ts";
import { type Logins, makeLogins, startWithLogins } from "../logins.ts";
import { type Figures, type Goal, goalOf, type Row, rowOf, type Section } from "../result.ts";
import type { Bench } from "../run.ts";
import type { Simulator } from "../servers.ts";

const goalAtMost = 1.15;

/** Compares the memory of a connected, idle device with that of a Baileys socket. */
export async function compareMemory(bench: Bench): Promise<Section> {
  const { options, progress } = bench;
  const counts = options.quick ? [3, 4] : [50, 200, 500];
  progress("making logins");
  const { logins, simulator } = await makeLogins(bench, Math.max(...counts));

  const rows: Row[] = [];
  const goals: Goal[] = [];
  let means = "";
  progress("1 device each");
  const one = await measureBoth(bench, logins, simulator, 1);
  for (const count of counts) {
    progress(`${count} devices each`);
    const many = await measureBoth(bench, logins, simulator, count);
    const [ours, bare] = [perDevice(many.ours, one.ours, count), perDevice(many.bare, one.bare, count)];
    const row = rowOf(`${count} devices, our server`, ours);
    means = meaningOf(count, row.figures);
    rows.push(row);
    rows.push(rowOf(`${count} devices, Baileys`, bare));
    for (const figure of [rss, heap]) {
      const compared = ours.map((own, round) => (own[figure] ?? 0) / (bare[round]?.[figure] ?? Number.NaN));
      goals.push(
        goalOf(`${figure} of that of Baileys, ${count} devices`, "at most", goalAtMost, "", compared),
      );
    }
  }
  return {
    name: "memory",
    title: "Memory of an idle device, against a Baileys socket",
    means,
    how:
      "What a process holds more with so many connected devices than with one, by the devices, after garbage collection; " +
      "the same logins, and WhatsApp in another process.",
    rows,
    goals,
  };
}

function meaningOf(count: number, figures: Figures): string {
  const perDevice = (figures[rss] ?? Number.NaN) / 1024;
  return (
    `With ${count} devices the server holds ${(figures["MiB of RSS"] ?? Number.NaN).toFixed(0)} MiB, and each device ` +
    `${perDevice.toFixed(2)} MiB of it: a GiB more is room for about ${(1024 / perDevice).toFixed(0)} devices that have nothing to do.`
  );
}

const rss = "KiB of RSS per device";
const heap = "KiB of heap per device";

function measureBoth(bench: Bench, logins: Logins, simulator: Simulator, count: number) {
  const measure = (kind: "our-server" | "bare-baileys") => async () => {
    const started = await startWithLogins(bench, kind, logins, simulator, count);
    await started.connected;
    const held = JSON.parse(await started.child.ask("memory"));
    await bench.processes.end(started.child);
    return { rss: Number(held.rss), heap: Number(held.heap) };
  };
  return inTurns(bench.options.processRounds, { ours: measure("our-server"), bare: measure("bare-baileys") });
}

/** @returns what each device adds to the first one, in KiB */
function perDevice(many: readonly Figures[], one: readonly Figures[], count: number): Figures[] {
  return many.map((held, round) => {
    const added = (what: string) => ((held[what] ?? 0) - (one[round]?.[what] ?? 0)) / (count - 1) / 1024;
    return { [rss]: added("rss"), [heap]: added("heap"), "MiB of RSS": (held.rss ?? 0) / 2 ** 20 };
  });
}
