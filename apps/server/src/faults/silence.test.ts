import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { assertRefused, dataOf, textAt } from "../test-support/call.ts";
import { faultsOf } from "../test-support/faults/fault.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const fault = faultsOf("WhatsApp says nothing");
const owner = "5511900000000";
const ana = "5511999999999";

describe("A WhatsApp that accepts connections and says nothing", () => {
  const settings = {
    WUTS_WHATSAPP_TIMEOUT_MS: "400",
    WUTS_CONNECT_TIMEOUT_MS: "600",
    WUTS_RECONNECT_WAIT_MS: "100",
    WUTS_PROBE_INTERVAL_MS: "300",
    WUTS_PROBE_TIMEOUT_MS: "300",
  };
  let world: World;
  let device = "";
  beforeAll(async () => {
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
    world.simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    device = await world.pairedDevice(owner);
    await world.restartServer(settings);
    await world.untilState(device, "connected");
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const look = () => world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`);
  const connect = () => world.call(`/connect?device_id=${device}`, { method: "POST" });
  const isBack = () => nextEvent(world.simulator.events, "login", ({ phone }) => phone === owner);

  fault("to TCP, before the WebSocket", async (test, notes) => {
    const sockets = new Set<Socket>();
    const mute = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }).listen(0, "127.0.0.1");
    test.onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      mute.close();
    });
    await once(mute, "listening");
    const address = mute.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await world.restartServer({ ...settings, WUTS_WHATSAPP_URL: `ws://127.0.0.1:${port}/ws/chat` });
    assertRefused(notes.answer(await look()), 503, "DEVICE_NOT_READY");
    assertRefused(notes.answer(await connect()), 503, "WHATSAPP_UNREACHABLE");
    const fresh = await world.createDevice();
    assertRefused(notes.answer(await world.call(`/qr?device_id=${fresh}`)), 503, "WHATSAPP_UNREACHABLE");
    await world.restartServer(settings);
    notes.end(await world.untilState(device, "connected"), "by itself, where WhatsApp answers");
    dataOf(await world.call(`/devices/${fresh}`, { method: "DELETE" }));
    dataOf(await look());
  });

  fault("to the hello of the handshake of a login", async (_test, notes) => {
    const undo = world.simulator.faults.muteHandshake();
    world.simulator.faults.close(owner, "tcp-drop");
    await world.untilState(device, "connecting");
    assertRefused(notes.answer(await look()), 503, "DEVICE_NOT_READY");
    undo();
    notes.end(await world.untilState(device, "connected"), "by itself");
    dataOf(await look());
  });

  fault("to the hello of the handshake of a pairing", async (_test, notes) => {
    const fresh = await world.createDevice();
    const undo = world.simulator.faults.muteHandshake();
    assertRefused(notes.answer(await world.call(`/qr?device_id=${fresh}`)), 503, "WHATSAPP_UNREACHABLE");
    undo();
    dataOf(notes.answer(await world.call(`/qr?device_id=${fresh}`)));
    notes.end(dataOf(await world.call(`/status?device_id=${fresh}`)), "with a QR code");
    dataOf(await world.call(`/devices/${fresh}`, { method: "DELETE" }));
  });

  fault("instead of QR codes", async (_test, notes) => {
    const fresh = await world.createDevice();
    const undo = world.simulator.faults.withholdQrCodes();
    assertRefused(notes.answer(await world.call(`/qr?device_id=${fresh}`)), 504, "WHATSAPP_TIMEOUT");
    undo();
    dataOf(notes.answer(await world.call(`/qr?device_id=${fresh}`)));
    notes.end(dataOf(await world.call(`/status?device_id=${fresh}`)), "with a QR code");
    dataOf(await world.call(`/devices/${fresh}`, { method: "DELETE" }));
  });

  fault("when a pairing code is asked for", async (_test, notes) => {
    const fresh = await world.createDevice();
    const undo = world.simulator.faults.silence("iq md set/link_code_companion_reg");
    const ask = () => world.call(`/paircode?device_id=${fresh}`, { method: "POST", body: { number: ana } });
    assertRefused(notes.answer(await ask()), 504, "WHATSAPP_TIMEOUT");
    undo();
    const code = dataOf(notes.answer(await ask()));
    await world.simulator.account(ana).enterPairingCode(textAt(code, "code"));
    notes.end(await world.untilState(fresh, "connected"), "paired");
    dataOf(await world.call(`/devices/${fresh}`, { method: "DELETE" }));
  });

  fault("from the login on", async (_test, notes) => {
    const undo = world.simulator.faults.silence();
    const again = isBack();
    world.simulator.faults.close(owner, "tcp-drop");
    await again;
    assertRefused(notes.answer(await look()), 503, "DEVICE_NOT_READY");
    undo();
    notes.end(await world.untilState(device, "connected"), "by itself");
    dataOf(await look());
  });

  fault("to a question, and to nothing else", async (_test, notes) => {
    const undo = world.simulator.faults.silence("iq w:profile:picture get");
    assertRefused(notes.answer(await look()), 504, "WHATSAPP_TIMEOUT");
    undo();
    dataOf(notes.answer(await look()));
    notes.end(dataOf(await world.call(`/status?device_id=${device}`)), "all the time");
  });

  for (const [kind, what] of [
    ["timed-out", "to a question, and from then on, not even to a ping"],
    ["unplugged", "to a question, and does not even read any more"],
  ] as const) {
    fault(what, async (_test, notes) => {
      const back = isBack();
      world.simulator.faults.silence("iq w:profile:picture get");
      world.simulator.events.once("stanza", () => world.simulator.faults.close(owner, kind));
      const answer = notes.answer(await look());
      if (answer.status !== 503) assertRefused(answer, 504, "WHATSAPP_TIMEOUT");
      await back;
      world.simulator.faults.reset();
      const status = notes.end(await world.untilState(device, "connected"), "by itself");
      assert.partialDeepStrictEqual(status, { last_disconnect: { reason: "timed_out", code: 408 } });
      dataOf(notes.answer(await look()));
    });
  }
});

for (const [how, end] of [
  ["by us", undefined],
  ["by WhatsApp", "removed"],
] as const) {
  it(`A connection that is ended ${how} leaves nothing to wait for, whatever Baileys had asked`, async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = timers();
    for (const path of ["/connect", "/appstate/sync"]) {
      const world = await startWorld({ WUTS_WHATSAPP_TIMEOUT_MS: "400", WUTS_CONNECT_TIMEOUT_MS: "5000" });
      world.simulator.addAccount({ phone: owner });
      const device = await world.pairedDevice(owner);
      if (path === "/connect") await world.call("/disconnect", { method: "POST" });
      else await untilSynced(world);
      world.simulator.faults.silence(path === "/connect" ? "iq encrypt get/count" : undefined);
      assertRefused(await world.call(path, { method: "POST", body: {} }), 504, "WHATSAPP_TIMEOUT");
      if (end !== undefined) {
        world.simulator.faults.close(owner, end);
        await world.untilState(device, "logged_out");
      }
      await world.stop();
    }
    assert.ok(timers() <= before, `${timers()} timers instead of ${before}`);
  });
}

/** Resolves once the phone has given its device the key to the app state. */
async function untilSynced(world: World): Promise<void> {
  await until("the key to the app state", async () => {
    const { status } = await world.call("/appstate/sync", { method: "POST", body: {} });
    return { found: status === 200 ? true : undefined, seen: status };
  });
}
