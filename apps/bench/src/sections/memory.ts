import { inTurns, ratios } from "../in-turns.ts";
import { applyLoad } from "../load.ts";
import { type Logins, makeLogins, someOf, startAllDevices, startWithLogins } from "../logins.ts";
import type { Child } from "../processes/child.ts";
import { type Figures, type Goal, goalOf, type Row, rowOf, type Section } from "../result.ts";
import type { Bench } from "../run.ts";
import type { Simulator } from "../servers.ts";

const goalAtMost = 1.1;
const goalWithoutDevicesMiB = 140;
const goalAfterLoadAtMost = 1.15;

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
  progress("no device");
  const empty = await inTurns(options.processRounds, { ours: () => measureEmpty(bench, logins, simulator) });
  rows.unshift(rowOf("no device, our server", empty.ours));
  const ofEmpty = empty.ours.map((figures) => figures[whole] ?? Number.NaN);
  goals.unshift(goalOf("RSS without a device", "at most", goalWithoutDevicesMiB, "MiB", ofEmpty));
  progress("before and after a load");
  const { before, after } = await measureLoad(bench, logins, simulator);
  rows.push(rowOf("1 device, our server, before a load", [before]));
  rows.push(rowOf("1 device, our server, after a load", [after]));
  goals.push(
    goalOf(
      "RSS after a load, of that before",
      "at most",
      goalAfterLoadAtMost,
      "",
      ratios([after], [before], whole),
    ),
  );
  return {
    name: "memory",
    title: "Memory of an idle device, against a Baileys socket",
    means,
    how:
      "What a process holds more with so many connected devices than with one, by the devices, after garbage collection; " +
      "the same logins, and WhatsApp in another process. Our server has compiled its validators. The load is pictures over 64 " +
      "connections.",
    rows,
    goals,
  };
}

function meaningOf(count: number, figures: Figures): string {
  const perDevice = (figures[rss] ?? Number.NaN) / 1024;
  return (
    `With ${count} devices the server holds ${(figures[whole] ?? Number.NaN).toFixed(0)} MiB, and each device ` +
    `${perDevice.toFixed(2)} MiB of it: a GiB more is room for about ${(1024 / perDevice).toFixed(0)} devices that have nothing to do.`
  );
}

const whole = "MiB of RSS";
const rss = "KiB of RSS per device";
const heap = "KiB of heap per device";

function measureBoth(bench: Bench, logins: Logins, simulator: Simulator, count: number) {
  const measure = (kind: "our-server" | "bare-baileys") => async () => {
    const started = await startWithLogins(bench, kind, logins, simulator, count);
    await started.connected;
    if (kind === "our-server") await started.child.ask("prepared");
    const held = await memoryOf(started.child);
    await bench.processes.end(started.child);
    return held;
  };
  return inTurns(bench.options.processRounds, { ours: measure("our-server"), bare: measure("bare-baileys") });
}

/** @returns what a process holds after garbage was collected, in bytes */
async function memoryOf(child: Child): Promise<{ readonly rss: number; readonly heap: number }> {
  return JSON.parse(await child.ask("memory"));
}

async function measureEmpty({ processes }: Bench, { token }: Logins, { url }: Simulator): Promise<Figures> {
  const child = processes.start("our-server", url, await processes.folder(), token);
  await child.hear("url");
  const held = await measureWhole(child);
  await processes.end(child);
  return held;
}

/** @returns what a server with a device holds when it has started, and after a load */
async function measureLoad(bench: Bench, logins: Logins, simulator: Simulator) {
  const { options, processes, signal } = bench;
  const { child, variant } = await startAllDevices(bench, "our-server", someOf(logins, 0, 1), simulator);
  const before = await measureWhole(child);
  const { limit } = options;
  const longer = "seconds" in limit ? { seconds: 10 * limit.seconds } : limit;
  await applyLoad(variant, { connections: 64, limit: longer }, signal);
  const after = await measureWhole(child);
  await processes.end(child);
  return { before, after };
}

async function measureWhole(child: Child): Promise<Figures> {
  await child.ask("prepared");
  const { rss: bytes, heap: heapBytes } = await memoryOf(child);
  return { [whole]: bytes / 2 ** 20, "MiB of heap": heapBytes / 2 ** 20 };
}

/** @returns what each device adds to the first one, in KiB */
function perDevice(many: readonly Figures[], one: readonly Figures[], count: number): Figures[] {
  return many.map((held, round) => {
    const added = (what: string) => ((held[what] ?? 0) - (one[round]?.[what] ?? 0)) / (count - 1) / 1024;
    return { [rss]: added("rss"), [heap]: added("heap"), [whole]: (held.rss ?? 0) / 2 ** 20 };
  });
}
