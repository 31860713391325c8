import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { type Answer, dataOf } from "../call.ts";
import { type Settings, startWorld, type World } from "../world.ts";
import { ana, type LastingFault } from "./lasting-faults.ts";
import { StanzaMeter } from "./stanza-meter.ts";

/** What came of a fault for as long as it was counted. */
export interface Counted {
  /** The responses to callers. */
  readonly answers: readonly Answer[];
  /** Of the device in the end. */
  readonly status: unknown;
  /** How many stanzas it has sent. */
  readonly stanzas: number;
  /** The same by kind, for a failing test to print. */
  readonly kinds: unknown;
}

/** How long a fault is counted. */
export interface Span {
  /** At the most, from when it begins. */
  readonly ms: number;
  /**
   * Ends the count early when all requests have responses and the device then sends nothing for `quietMs`, or when it has sent
   * more than `stanzas`.
   */
  readonly until?: { readonly quietMs: number; readonly stanzas: number };
}

/** Starts a simulated WhatsApp with a contact who writes to devices, and a server on it. */
export async function startCountingWorld(settings: Settings): Promise<World> {
  const world = await startWorld(settings);
  world.simulator.addAccount({ phone: ana, name: "Ana", picture: { id: "1700000000" } });
  return world;
}

/**
 * Counts what devices send while faults last, all at the same time. Each fault is done to a device of its own, and those that
 * cannot be done to one device only have a WhatsApp and a server of their own.
 * @returns by fault
 */
export async function countSideBySide(
  faults: readonly LastingFault[],
  span: Span,
  settings: Settings,
): Promise<ReadonlyMap<LastingFault, Counted>> {
  const worlds: World[] = [];
  const newWorld = async () => {
    const world = await startCountingWorld(settings);
    worlds.push(world);
    return world;
  };
  try {
    const shared = await newWorld();
    const places: Place[] = [];
    // Pairing computes, so they are paired one after the other; then they only wait.
    for (const [index, fault] of faults.entries()) {
      const world = fault.isOfOne ? shared : await newWorld();
      const phone = String(5_511_900_000_000 + index);
      places.push({ fault, world, phone, device: await deviceIn(world, phone) });
    }
    const counted = new Map<LastingFault, Counted>();
    await Promise.all(places.map(async (place) => counted.set(place.fault, await count(place, span))));
    return counted;
  } finally {
    await Promise.all(worlds.map((world) => world.stop()));
  }
}

/** @returns the id of a device that is connected, and that a contact has written to */
async function deviceIn(world: World, phone: string): Promise<string> {
  const { simulator } = world;
  simulator.addAccount({ phone, contacts: [{ phone: ana, fullName: "Ana Souza" }] });
  const device = await world.pairedDevice(phone);
  await simulator.account(ana).sendMessage(phone, { conversation: "Are you there?" });
  return device;
}

/** Waits until the number of stanzas stays the same, or is too large. */
async function quiet(sent: () => number, { quietMs, stanzas }: NonNullable<Span["until"]>): Promise<void> {
  let [seen, since] = [sent(), performance.now()];
  while (seen <= stanzas && performance.now() - since < quietMs) {
    await setTimeout(20);
    const now = sent();
    if (now !== seen) [seen, since] = [now, performance.now()];
  }
}

interface Place {
  readonly fault: LastingFault;
  readonly world: World;
  readonly phone: string;
  readonly device: string;
}

/** Callers ask for everything at the beginning and in the middle; the app state changes, and the connection is cut once. */
async function count({ fault, world, phone, device }: Place, { ms, until }: Span): Promise<Counted> {
  const { simulator } = world;
  const ask = () =>
    Promise.all([
      world.call(`/appstate/sync?device_id=${device}`, { method: "POST", body: {} }),
      world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`),
      world.call(`/contacts/check?device_id=${device}`, { method: "POST", body: { numbers: [ana] } }),
    ]);
  const meter = new StanzaMeter(simulator);
  const over = new AbortController();
  const { signal } = over;
  const ended = () => undefined;
  const isHalfOver = setTimeout(ms / 2, undefined, { signal }).catch(ended);
  const isOver = setTimeout(ms, undefined, { signal }).catch(ended);
  fault.begin(simulator, phone);
  simulator.account(phone).setName("Somebody else");
  const early = ask();
  const sent = () => meter.most(phone);
  await (until ? Promise.race([isHalfOver, early.then(() => quiet(sent, until))]) : isHalfOver);
  // What goes on may end with the connection.
  simulator.faults.close(phone, "tcp-drop");
  const late = ask();
  if (until) {
    await Promise.race([isOver, late.then(() => quiet(sent, until))]);
    over.abort();
  }
  await isOver;
  const [stanzas, kinds] = [meter.most(phone), meter.kinds(phone)];
  meter.end();
  const answers = [...(await early), ...(await late)];
  const status = dataOf(await world.call(`/status?device_id=${device}`));
  return { answers, status, stanzas, kinds };
}

/** @throws AssertionError when there are more, with what they were */
export function assertAtMost(most: number, { stanzas, kinds }: Counted): void {
  assert.ok(stanzas <= most, `${stanzas} stanzas: ${JSON.stringify(kinds)}`);
}
