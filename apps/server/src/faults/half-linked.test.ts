import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { assertRefused, at, dataOf, textAt } from "../test-support/call.ts";
import { faultsOf } from "../test-support/faults/fault.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const success = { tag: "success", attrs: { t: "1795000000", props: "2", location: "sim" } };

let world: World;
beforeAll(async () => {
  world = await startWorld({ WUTS_CONNECT_TIMEOUT_MS: "6000", WUTS_WHATSAPP_TIMEOUT_MS: "6000" });
  world.simulator.addAccount({ phone: owner });
  world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
});
afterEach(() => {
  world.simulator.faults.reset();
  world.simulator.account(owner).unlink();
});
afterAll(() => world.stop());

const status = async (device: string) => dataOf(await world.call(`/status?device_id=${device}`));
const scan = async (device: string) => {
  const qr = dataOf(await world.call(`/qr?device_id=${device}`));
  return world.simulator.account(owner).scanQr(textAt(qr, "qr_code"));
};
const linked = () => world.simulator.account(owner).devices.length;

describe("A device that WhatsApp takes for logged in before it is linked", () => {
  const fault = faultsOf("A pairing comes to nothing");

  for (const [what, attrs] of [
    ["with a LID", { ...success.attrs, lid: "112233445566778:7@lid" }],
    ["without one", success.attrs],
  ] as const)
    fault(`WhatsApp says <success> ${what} while a QR code waits to be scanned`, async (_test, notes) => {
      const device = await world.createDevice();
      const first = dataOf(notes.answer(await world.call(`/qr?device_id=${device}`)));
      assert.equal(world.simulator.faults.sendStanzaToAll({ ...success, attrs }), 1);
      // What WhatsApp says comes in order: when this is acknowledged, the other one was heard.
      const acknowledged = nextEvent(
        world.simulator.events,
        "stanza",
        ({ stanza }) => stanza.tag === "ack" && stanza.attrs.id === "after-success",
      );
      const contactUpdates = { from: "@s.whatsapp.net", type: "psa", id: "after-success" };
      world.simulator.faults.sendStanzaToAll({ tag: "notification", attrs: contactUpdates });
      await acknowledged;
      assert.partialDeepStrictEqual(await status(device), {
        state: "pairing",
        connected: false,
        paired: false,
        jid: null,
        lid: null,
      });
      const second = dataOf(notes.answer(await world.call(`/qr?device_id=${device}`)));
      assert.equal(textAt(second, "qr_code"), textAt(first, "qr_code"));
      await world.simulator.account(owner).scanQr(textAt(second, "qr_code"));
      const connected = notes.end(await world.untilState(device, "connected"), "by the same QR code");
      assert.partialDeepStrictEqual(connected, {
        jid: `${owner}@s.whatsapp.net`,
        lid: world.simulator.account(owner).lid,
      });
    });

  fault("WhatsApp sends notifications while a QR code waits to be scanned", async (_test, notes) => {
    const device = await world.createDevice();
    dataOf(notes.answer(await world.call(`/qr?device_id=${device}`)));
    const types = ["psa", "server", "companion_reg_refresh"];
    const acks = new Set<unknown>();
    const all = nextEvent(world.simulator.events, "stanza", ({ stanza: { tag, attrs } }) => {
      if (tag === "ack" && attrs.class === "notification") acks.add(attrs.type);
      return types.every((type) => acks.has(type));
    });
    for (const type of types)
      world.simulator.faults.sendStanzaToAll({
        tag: "notification",
        attrs: { from: "@s.whatsapp.net", type, id: `of-${type}` },
      });
    await all;
    notes.times = types.length;
    assert.equal(at(await status(device), "state"), "pairing");
    const again = dataOf(notes.answer(await world.call(`/qr?device_id=${device}`)));
    await world.simulator.account(owner).scanQr(textAt(again, "qr_code"));
    notes.end(await world.untilState(device, "connected"), "by the QR code");
  });
});

describe("A device that is linked, and not asked to come back", () => {
  const fault = faultsOf("A pairing comes to nothing");

  fault("the phone has linked the device, but WhatsApp never says 515", async (_test, notes) => {
    const device = await world.createDevice();
    world.simulator.faults.withholdRestart();
    await scan(device);
    await until("the end of the offer of QR codes", async () => {
      const seen = dataOf(await world.call(`/qr/status?device_id=${device}`));
      return { found: at(seen, "exists") === false ? true : undefined, seen };
    });
    assertRefused(notes.answer(await world.call(`/qr?device_id=${device}`)), 409, "DEVICE_ALREADY_PAIRED");
    const connected = await world.untilState(device, "connected");
    assert.partialDeepStrictEqual(notes.end(connected, "by itself, when 515 is overdue"), {
      jid: `${owner}@s.whatsapp.net`,
      last_disconnect: { reason: "timed_out", code: 408 },
    });
    dataOf(notes.answer(await world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`)));
    assert.equal(linked(), 1);
  });

  fault("the same, and another code is asked for meanwhile", async (_test, notes) => {
    const device = await world.createDevice();
    world.simulator.faults.withholdRestart();
    await scan(device);
    for (const ask of [
      () => world.call(`/qr?device_id=${device}&refresh=true`),
      () => world.call(`/paircode?device_id=${device}`, { method: "POST", body: { number: owner } }),
    ])
      assertRefused(notes.answer(await ask()), 409, "DEVICE_ALREADY_PAIRED");
    notes.end(await world.untilState(device, "connected"), "by itself");
    assert.equal(linked(), 1);
  });
});

describe("A device that a phone links in the moment in which it is given up", () => {
  const fault = faultsOf("A scan of a pairing that was given up");
  const remove = (device: string) => world.call(`/devices/${device}`, { method: "DELETE" });
  const disconnect = (device: string) => world.call(`/disconnect?device_id=${device}`, { method: "POST" });
  const rowsOf = async (table: string, device: string) =>
    (await world.rows(`select 1 from ${table} where ${table === "devices" ? "id" : "device_id"} = ?`, device))
      .length;
  const isUnlinked = () =>
    until("a phone without linked devices", async () => ({
      found: linked() === 0 ? true : undefined,
      seen: linked(),
    }));

  for (const [when, arrange] of [
    ["before WhatsApp asks it to come back", () => void world.simulator.faults.withholdRestart()],
    ["when WhatsApp asks it to come back", () => undefined],
  ] as const)
    for (const [what, end] of [
      ["DELETE", remove],
      ["POST /disconnect", disconnect],
    ] as const)
      fault(`${what} ${when}`, async (_test, notes) => {
        const device = await world.createDevice();
        arrange();
        const ending = nextEvent(world.simulator.events, "paired").then(() => end(device));
        await scan(device);
        const answer = notes.answer(await ending);
        world.simulator.faults.reset();
        if (what === "DELETE") {
          assert.deepEqual(dataOf(answer), { device_id: device, deleted: true, unlinked: true });
          await isUnlinked();
          assert.equal(await rowsOf("devices", device), 0);
          notes.ended("no device", "unlinked from the phone");
          return;
        }
        // WhatsApp may have said first that it comes back: then it is held, and kept offline.
        const state = textAt(dataOf(answer), "state");
        if (state === "disconnected") {
          assert.equal(when, "when WhatsApp asks it to come back");
          dataOf(await remove(device));
        } else {
          assert.equal(state, "unpaired");
          await isUnlinked();
          assert.equal(await rowsOf("credentials", device), 0);
        }
        assert.equal(linked(), 0);
        notes.ended(state, "unlinked from the phone");
      });

  fault("DELETE before its first login comes through", async (_test, notes) => {
    const device = await world.createDevice();
    const undo = world.simulator.faults.refuseLogin(503, owner);
    const refusal = nextEvent(world.simulator.events, "loginRefused");
    await scan(device);
    await refusal;
    undo();
    const answer = notes.answer(await remove(device));
    assert.deepEqual(dataOf(answer), { device_id: device, deleted: true, unlinked: true });
    assert.equal(linked(), 0);
    notes.ended("no device", "unlinked from the phone");
  });

  fault("POST /logout before its first login comes through", async (_test, notes) => {
    const device = await world.createDevice();
    const undo = world.simulator.faults.refuseLogin(503, owner);
    const refusal = nextEvent(world.simulator.events, "loginRefused");
    await scan(device);
    await refusal;
    await world.untilState(device, "reconnecting");
    undo();
    const answer = notes.answer(await world.call(`/logout?device_id=${device}`, { method: "POST" }));
    assert.equal(at(notes.end(dataOf(answer), "unlinked from the phone"), "unlinked"), true);
    assert.equal(linked(), 0);
  });

  fault("DELETE, and WhatsApp does not let it in to unlink it", async (_test, notes) => {
    const device = await world.createDevice();
    world.simulator.faults.withholdRestart();
    await scan(device);
    world.simulator.faults.muteHandshake();
    const answer = notes.answer(await remove(device));
    assert.deepEqual(dataOf(answer), { device_id: device, deleted: true, unlinked: false });
    assert.equal(await rowsOf("devices", device), 0);
    notes.ended("no device", "the phone still lists it");
  });

  fault("DELETE of its owner", async (_test, notes) => {
    const { id, token } = await world.addPerson();
    const device = await world.createDevice("Theirs", token);
    world.simulator.faults.withholdRestart();
    const qr = dataOf(await world.call(`/qr?device_id=${device}`, { token }));
    await world.simulator.account(owner).scanQr(textAt(qr, "qr_code"));
    dataOf(notes.answer(await world.call(`/users/${id}`, { method: "DELETE" })));
    assert.equal(linked(), 0);
    notes.ended("no device", "unlinked from the phone");
  });
});
