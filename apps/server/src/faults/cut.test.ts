import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { assertRefused, at, dataOf, textAt } from "../test-support/call.ts";
import { faultsOf } from "../test-support/faults/fault.ts";
import { nextEvent } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";

let world: World;
beforeAll(async () => {
  world = await startWorld({ WUTS_CONNECT_TIMEOUT_MS: "5000" });
  world.simulator.addAccount({ phone: owner });
  world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
});
afterEach(() => {
  world.simulator.faults.reset();
  world.simulator.account(owner).unlink();
});
afterAll(() => world.stop());

const login = () => nextEvent(world.simulator.events, "login");
const drop = () => world.simulator.faults.close(owner, "tcp-drop");

describe("TCP that is cut in a pairing", () => {
  const fault = faultsOf("TCP is cut");

  for (const step of ["hello", "finish"] as const) {
    fault(`at the ${step} of the handshake of a pairing`, async (_test, notes) => {
      const device = await world.createDevice();
      const undo = world.simulator.faults.cutHandshake(step);
      const path = `/qr?device_id=${device}`;
      assertRefused(notes.answer(await world.call(path)), 503, "WHATSAPP_UNREACHABLE");
      undo();
      const qr = dataOf(await world.call(path));
      await world.simulator.account(owner).scanQr(textAt(qr, "qr_code"));
      notes.end(await world.untilState(device, "connected"), "paired again");
    });
  }

  fault("before WhatsApp knows that the device has signed its identity", async (_test, notes) => {
    const device = await world.createDevice();
    const undo = world.simulator.faults.cut("iq result/pair-device-sign");
    const path = `/qr?device_id=${device}`;
    const qr = dataOf(notes.answer(await world.call(path)));
    // The phone says that it could not link the device; the device believes that it is linked, and is told otherwise.
    await assert.rejects(world.simulator.account(owner).scanQr(textAt(qr, "qr_code")));
    await world.untilState(device, "logged_out");
    undo();
    const again = dataOf(notes.answer(await world.call(path)));
    await world.simulator.account(owner).scanQr(textAt(again, "qr_code"));
    notes.end(await world.untilState(device, "connected"), "paired again");
  });

  for (const [kind, state] of [
    ["xmlstreamend", "connected"],
    ["replaced", "replaced"],
  ] as const) {
    fault(`when the phone has just linked the device, by "${kind}"`, async (_test, notes) => {
      const device = await world.createDevice();
      // WhatsApp knows it as linked, and would say 515 now.
      world.simulator.events.once("paired", () => world.simulator.faults.closeAll(kind));
      const qr = dataOf(notes.answer(await world.call(`/qr?device_id=${device}`)));
      await world.simulator.account(owner).scanQr(textAt(qr, "qr_code"));
      await world.untilState(device, state);
      const path = `/connect?device_id=${device}`;
      notes.end(dataOf(notes.answer(await world.call(path, { method: "POST" }))));
      assert.equal(world.simulator.account(owner).devices.length, 1);
    });
  }

  fault("when a pairing code is asked for", async (_test, notes) => {
    const device = await world.createDevice();
    const undo = world.simulator.faults.cut("iq md set/link_code_companion_reg");
    const ask = () =>
      world.call(`/paircode?device_id=${device}`, { method: "POST", body: { number: owner } });
    assertRefused(notes.answer(await ask()), 503, "WHATSAPP_UNREACHABLE");
    undo();
    const code = dataOf(notes.answer(await ask()));
    await world.simulator.account(owner).enterPairingCode(textAt(code, "code"));
    notes.end(await world.untilState(device, "connected"), "paired again");
  });

  for (const [kind, what] of [
    ["iq encrypt get/count", "WhatsApp is asked how many keys it has"],
    ["iq encrypt set/list", "the first keys are uploaded"],
    ["iq passive set/active", "the device says that it is active"],
    ["iq encrypt get/digest", "the keys are compared"],
  ] as const) {
    fault(`in the first login, when ${what}`, async (_test, notes) => {
      const device = await world.createDevice();
      const { simulator } = world;
      let cuts = 0;
      const twice = nextEvent(simulator.events, "disconnected", ({ phone }) => {
        cuts += phone === undefined ? 0 : 1;
        return cuts === 2;
      });
      const undo = simulator.faults.cut(kind);
      const qr = dataOf(await world.call(`/qr?device_id=${device}`));
      await simulator.account(owner).scanQr(textAt(qr, "qr_code"));
      await twice;
      undo();
      notes.end(await world.untilState(device, "connected"), "by itself");
      notes.answer(await world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`));
      assert.equal(simulator.account(owner).devices.length, 1);
    });
  }
});

describe("TCP that is cut in a login", () => {
  const fault = faultsOf("TCP is cut");

  for (const [what, cut] of [
    ["at the hello of the handshake", () => world.simulator.faults.cutHandshake("hello")],
    ["at the finish of the handshake", () => world.simulator.faults.cutHandshake("finish")],
    ["behind the first question", () => world.simulator.faults.cut("iq encrypt get/count")],
    ["at the last question", () => world.simulator.faults.cut("iq encrypt get/digest")],
  ] as const) {
    fault(`${what} of a login, three times`, async (_test, notes) => {
      const device = await world.pairedDevice(owner);
      const undo = cut();
      let cuts = 0;
      const cutAgain = (times: number) =>
        nextEvent(world.simulator.events, "disconnected", () => {
          cuts += 1;
          return cuts >= times;
        });
      const first = cutAgain(2);
      drop();
      await first;
      const asking = world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`);
      await cutAgain(4);
      undo();
      notes.times = 3;
      dataOf(notes.answer(await asking));
      notes.end(await world.untilState(device, "connected"), "by itself");
    });
  }
});

describe("TCP that is cut under a question", () => {
  const fault = faultsOf("TCP is cut");

  for (const [kind, what, path, method] of [
    ["iq w:profile:picture get", "a picture", `/contacts/profile-picture?number=${ana}`, "GET"],
    ["iq usync get/status", "a profile", `/contacts/profile?number=${ana}`, "GET"],
    ["iq blocklist get", "the block list", "/contacts/blocklist", "GET"],
    ["iq usync get", "who is on WhatsApp", "/contacts/check", "POST"],
  ] as const) {
    fault(`when ${what} is asked for`, async (_test, notes) => {
      const device = await world.pairedDevice(owner);
      const undo = world.simulator.faults.cut(kind);
      const options = { method, ...(method === "POST" && { body: { numbers: [ana] } }) };
      const url = `${path}${path.includes("?") ? "&" : "?"}device_id=${device}`;
      const back = login();
      assertRefused(notes.answer(await world.call(url, options)), 503, "DEVICE_NOT_READY");
      undo();
      await back;
      notes.end(await world.untilState(device, "connected"), "by itself");
      dataOf(notes.answer(await world.call(url, options)));
    });
  }

  fault("of one device of two: the other one notices nothing", async (_test, notes) => {
    const device = await world.pairedDevice(owner);
    const other = await world.pairedDevice(ana);
    const back = login();
    drop();
    dataOf(notes.answer(await world.call(`/contacts/profile-picture?number=${ana}&device_id=${other}`)));
    assert.equal(at(dataOf(await world.call(`/status?device_id=${other}`)), "last_disconnect", "code"), 515);
    await back;
    notes.end(await world.untilState(device, "connected"), "by itself");
    world.simulator.account(ana).unlink();
  });
});
