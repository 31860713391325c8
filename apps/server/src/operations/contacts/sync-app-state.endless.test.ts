import assert from "node:assert/strict";
import type { AppStateFault } from "@wuts/whatsapp-simulator";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { assertRefused, at, dataOf } from "../../test-support/call.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const question = "iq w:sync:app:state set";
const timeoutMs = 6_000;

/** The response when every collection has this fault, and the number of queries that it takes to find that out. */
const outcomes: Record<AppStateFault, { readonly answer: string; readonly questions: number }> = {
  missing: { answer: "502 WHATSAPP_ERROR", questions: 5 },
  // Empty collections are found out first, then the others.
  more: { answer: "502 WHATSAPP_ERROR", questions: 11 },
  "more-of-nothing": { answer: "502 WHATSAPP_ERROR", questions: 5 },
  // 20 at once, then two a second.
  growing: { answer: "504 WHATSAPP_TIMEOUT", questions: 33 },
  again: { answer: "502 WHATSAPP_ERROR", questions: 6 },
  unknown: { answer: "502 WHATSAPP_ERROR", questions: 5 },
  another: { answer: "200", questions: 1 },
  nameless: { answer: "502 WHATSAPP_ERROR", questions: 5 },
  error: { answer: "502 WHATSAPP_ERROR", questions: 1 },
  gap: { answer: "200", questions: 1 },
  garbled: { answer: "502 WHATSAPP_ERROR", questions: 1 },
  "unknown-key": { answer: "502 WHATSAPP_ERROR", questions: 2 },
};
const faults = Object.keys(outcomes) as AppStateFault[];

describe("App state that WhatsApp tells badly", () => {
  let world: World;
  let device: string;
  beforeAll(async () => {
    world = await startWorld({ WUTS_WHATSAPP_TIMEOUT_MS: `${timeoutMs}` });
    world.simulator.addAccount({ phone: ana });
    world.simulator.addAccount({ phone: owner, contacts: [{ phone: ana, fullName: "Ana Souza" }] });
    device = await world.pairedDevice(owner);
    await until("the phone's key", async () => {
      const { status } = await sync();
      return { found: status === 200 || undefined, seen: status };
    });
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const sync = (body: unknown = {}) =>
    world.call(`/appstate/sync?device_id=${device}`, { method: "POST", body });
  const asked = () => world.simulator.received.get(question);
  /** Tells the device that its contacts have changed. @returns when it has said that it knows */
  const notice = async (id: string) => {
    const { simulator } = world;
    const known = nextEvent(
      simulator.events,
      "stanza",
      ({ stanza }) => stanza.tag === "ack" && stanza.attrs.id === id,
    );
    simulator.faults.sendStanza(owner, {
      tag: "notification",
      attrs: { from: "@s.whatsapp.net", type: "server_sync", id, t: "1" },
      content: [{ tag: "collection", attrs: { name: "critical_unblock_low", version: "9" } }],
    });
    await known;
  };

  for (const fault of faults)
    it(`${fault}: the answer is ${outcomes[fault].answer}, and nothing is asked any more`, async () => {
      dataOf(await sync({ full: true }));
      const undo = world.simulator.faults.appState(fault);
      world.simulator.received.reset();
      const answer = await sync({ full: true });
      const [status, code] = outcomes[fault].answer.split(" ");
      if (code === undefined) dataOf(answer);
      else assertRefused(answer, Number(status), code);
      // The last question may still be on its way: this one arrives behind it.
      const picture = await world.call(`/contacts/profile-picture?number=${ana}`);
      assertRefused(picture, 404, "PICTURE_NOT_SET");
      const count = asked();
      assert.ok(count <= outcomes[fault].questions, `${count} questions`);
      undo();
      // It waits for nothing that is left of the last one: this is answered, and takes one question.
      dataOf(await sync({ full: true }));
      assert.equal(asked(), count + 1);
    });

  it("a collection that was not asked for, with what is in it, keeps none of the others from being fetched", async () => {
    world.simulator.faults.appState("another");
    await world.write("delete from contacts");
    assert.equal(at(dataOf(await sync({ scopes: ["contacts"], full: true })), "contacts"), 1);
  });

  it("a collection that WhatsApp refuses to tell is none that has not changed, and is named", async () => {
    world.simulator.faults.appState("error", { collection: "critical_unblock_low" });
    const answer = await sync();
    assertRefused(answer, 502, "WHATSAPP_ERROR");
    assert.match(String(at(answer.body, "error")), /not told.*: critical_unblock_low$/);
  });

  it("one collection without an end is named, and keeps none of the others from being fetched", async () => {
    dataOf(await sync({ full: true }));
    await world.write("delete from contacts");
    world.simulator.faults.appState("missing", { collection: "regular_high" });
    const answer = await sync({ full: true });
    assertRefused(answer, 502, "WHATSAPP_ERROR");
    assert.match(String(at(answer.body, "error")), /does not come to an end.*: regular_high$/);
    assert.equal(at(dataOf(await sync({ scopes: ["contacts"] })), "contacts"), 1);
  });

  it("what WhatsApp says by itself makes the device ask no more, for a minute, however often it is said", async () => {
    world.simulator.faults.appState("missing");
    world.simulator.received.reset();
    for (let times = 0; times < 20; times++) await notice(`N${times}`);
    assert.ok(asked() <= 5, `${asked()} questions`);
    world.simulator.faults.reset();
    // A request is explicit: the device queries WhatsApp for the waiting client.
    dataOf(await sync());
  });
});
