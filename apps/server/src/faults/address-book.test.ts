import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, vi } from "vitest";
import { at, dataOf, listAt } from "../test-support/call.ts";
import { type FaultNotes, faultsOf } from "../test-support/faults/fault.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const fault = faultsOf("The address book does not come");
const owner = "5511900000000";
const ana = { phone: "5511999999999", fullName: "Ana Souza", firstName: "Ana" };
const question = "iq w:sync:app:state set";

describe("An address book that does not come by itself", () => {
  let world: World;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
    // Time jumps here: WhatsApp is not to be taken for silent.
    world = await startWorld({ WUTS_PROBE_INTERVAL_MS: "3600000", WUTS_LEASE_MS: "3600000" });
    world.simulator.addAccount({ phone: ana.phone });
    world.simulator.addAccount({ phone: owner, contacts: [ana] });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await world.stop();
  });

  /** First names are in the address book only, not in the history. */
  const named = async () =>
    listAt(dataOf(await world.call("/contacts")), "items").filter(
      (contact) => at(contact, "first_name") !== null,
    );
  /** @param stepMs how much of what would be waited for passes with each look */
  const untilNamed = (stepMs: number) =>
    until("the address book", async () => {
      const seen = await named();
      vi.advanceTimersByTime(stepMs);
      return { found: seen.length > 0 ? seen : undefined, seen };
    });
  const pass = async (ms: number, stepMs = 500) => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      vi.advanceTimersByTime(stepMs);
      // What became due is done, and answered.
      await named();
    }
  };
  const questions = () => world.simulator.received.get(question);
  const logInAgain = async (notes: FaultNotes, device: string) => {
    const login = nextEvent(world.simulator.events, "login", ({ phone }) => phone === owner);
    world.simulator.faults.close(owner, "tcp-drop");
    await login;
    notes.end(await world.untilState(device, "connected"));
  };
  /** It is there, whole, and is not asked for again. */
  const isThere = async (notes: FaultNotes, device: string, how: string) => {
    assert.partialDeepStrictEqual(await named(), [
      { jid: `${ana.phone}@s.whatsapp.net`, full_name: ana.fullName, first_name: ana.firstName },
    ]);
    await pass(5_000);
    world.simulator.received.reset();
    await logInAgain(notes, device);
    await pass(60_000);
    assert.equal(questions(), 0);
    const synced = notes.answer(await world.call("/appstate/sync", { method: "POST", body: {} }));
    assert.partialDeepStrictEqual(dataOf(synced), { contacts: 1 });
    notes.end(await world.untilState(device, "connected"), how);
  };

  fault("it sends no history in the first 20 seconds", async (_test, notes) => {
    world.simulator.faults.withholdHistory();
    const device = await world.pairedDevice(owner);
    await untilNamed(1_000);
    await isThere(notes, device, "with all names");
  });

  fault("it sends the key to it later, and history never", async (_test, notes) => {
    world.simulator.faults.withholdHistory();
    const undo = world.simulator.faults.withholdAppStateKey();
    const device = await world.pairedDevice(owner);
    await pass(60_000);
    const early = notes.answer(await world.call("/appstate/sync", { method: "POST", body: {} }));
    assert.equal(early.status, 503);
    assert.deepEqual([await named(), questions()], [[], 0]);
    undo();
    await untilNamed(10);
    await isThere(notes, device, "with all names");
  });

  fault("it sends the key to it behind the history, on another connection", async (_test, notes) => {
    const undo = world.simulator.faults.withholdAppStateKey();
    const device = await world.pairedDevice(owner);
    await pass(30_000);
    await logInAgain(notes, device);
    await pass(60_000);
    assert.deepEqual(await named(), []);
    undo();
    await untilNamed(10);
    await isThere(notes, device, "with all names");
  });

  fault("the connection is lost before the history comes, and it comes never", async (_test, notes) => {
    world.simulator.faults.withholdHistory();
    const device = await world.pairedDevice(owner);
    await logInAgain(notes, device);
    await untilNamed(1_000);
    await isThere(notes, device, "with all names");
  });

  for (const [what, undoAfter] of [
    ["WhatsApp refuses it at first", "pause"],
    ["WhatsApp refuses it until the next login", "login"],
  ] as const) {
    fault(what, async (_test, notes) => {
      const undo = world.simulator.faults.answerError(question, 500);
      const device = await world.pairedDevice(owner);
      await pass(60_000);
      assert.deepEqual(await named(), []);
      undo();
      if (undoAfter === "login") await logInAgain(notes, device);
      await untilNamed(1_000);
      await isThere(notes, device, "with all names");
    });
  }

  fault("WhatsApp refuses it for ever", async (_test, notes) => {
    world.simulator.faults.answerError(question, 500);
    const device = await world.pairedDevice(owner);
    await pass(3_600_000, 10_000);
    // Baileys asks once for each part of the history.
    assert.equal(questions(), 3 + 4);
    world.simulator.received.reset();
    await logInAgain(notes, device);
    await pass(3_600_000, 10_000);
    assert.equal(questions(), 4);
    const refused = notes.answer(await world.call("/appstate/sync", { method: "POST", body: {} }));
    assert.equal(refused.status, 502);
    notes.end(await world.untilState(device, "connected"), "after 4 tries in a connection");
  });
});
