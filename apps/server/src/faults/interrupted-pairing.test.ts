import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, describe, vi } from "vitest";
import { openKeyRing } from "../storage/encryption/key-ring.ts";
import { seal } from "../storage/encryption/sealing.ts";
import { at, dataOf, textAt } from "../test-support/call.ts";
import { type FaultNotes, faultsOf } from "../test-support/faults/fault.ts";
import { nextEvent } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";
import { BufferJSON, initAuthCreds } from "../whatsapp/protocol/baileys.ts";

const fault = faultsOf("A pairing comes to nothing");
const owner = "5511900000000";

describe("A pairing that comes to nothing", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({}, { simulator: { qrRefs: 2 } });
    world.simulator.addAccount({ phone: owner });
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const askForCode = (device: string, { call } = world) =>
    call(`/paircode?device_id=${device}`, { method: "POST", body: { number: owner } });
  const status = async (device: string) => dataOf(await world.call(`/status?device_id=${device}`));
  const pair = async (device: string, notes: FaultNotes) => {
    const qr = dataOf(notes.answer(await world.call(`/qr?device_id=${device}`)));
    await world.simulator.account(owner).scanQr(textAt(qr, "qr_code"));
    return world.untilState(device, "connected");
  };
  const drop = async () => {
    const gone = nextEvent(world.simulator.events, "disconnected", ({ phone }) => phone === undefined);
    world.simulator.faults.closeAll("tcp-drop");
    await gone;
  };

  fault("TCP is cut while a QR code waits to be scanned", async (_test, notes) => {
    const device = await world.createDevice();
    dataOf(await world.call(`/qr?device_id=${device}`));
    await drop();
    await world.untilState(device, "unpaired");
    assert.partialDeepStrictEqual(await status(device), {
      paired: false,
      last_disconnect: { reason: "connection_lost", code: 428 },
    });
    assert.equal(at(dataOf(await world.call(`/qr/status?device_id=${device}`)), "exists"), false);
    notes.end(await pair(device, notes), "paired again");
  });

  fault("TCP is cut while a pairing code waits to be typed", async (_test, notes) => {
    const device = await world.createDevice();
    dataOf(await askForCode(device));
    await drop();
    await world.untilState(device, "unpaired");
    const connected = dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
    assert.deepEqual(connected, { device_id: device, state: "unpaired", paired: false });

    const code = dataOf(notes.answer(await askForCode(device)));
    await world.simulator.account(owner).enterPairingCode(textAt(code, "code"));
    notes.end(await world.untilState(device, "connected"), "paired again");
  });

  fault("WhatsApp says that a pairing code has expired before its time", async (_test, notes) => {
    const shortLived = await startWorld({}, { simulator: { pairingCodeLifetimeMs: 3_000 } });
    try {
      const { simulator } = shortLived;
      const phone = simulator.addAccount({ phone: owner });
      const device = await shortLived.createDevice();
      const ask = () => askForCode(device, shortLived);
      const acknowledged = nextEvent(
        simulator.events,
        "stanza",
        ({ stanza: { tag, attrs } }) => tag === "ack" && attrs.type === "link_code_companion_reg",
      );
      const expired = textAt(dataOf(notes.answer(await ask())), "code");
      await acknowledged;
      const again = dataOf(notes.answer(await ask()));
      assert.equal(at(again, "cached"), false);
      assert.notEqual(textAt(again, "code"), expired);
      await phone.enterPairingCode(textAt(again, "code"));
      notes.end(await shortLived.untilState(device, "connected"), "by another code");
    } finally {
      await shortLived.stop();
    }
  });

  fault("the server is restarted while a pairing code waits to be typed", async (_test, notes) => {
    const device = await world.createDevice();
    dataOf(await askForCode(device));
    await world.restartServer();
    assert.equal(at(await status(device), "state"), "unpaired");
    notes.end(await pair(device, notes), "paired again");
  });

  fault("credentials were stored of a pairing that was never confirmed", async (_test, notes) => {
    const device = await world.createDevice();
    await world.stopServer();
    // What a server leaves that stores credentials as soon as Baileys changes them: `me` is the phone that was to type.
    const creds = { ...initAuthCreds(), me: { id: `${owner}@s.whatsapp.net`, name: "~" } };
    const text = JSON.stringify(creds, BufferJSON.replacer);
    const [key] = openKeyRing(world.dataDir).keys();
    const sealed = seal(key, ["credentials", device], text);
    await world.write("insert into credentials values (?, ?, ?)", device, sealed.text, sealed.key_id);
    await world.restartServer();
    await world.untilState(device, "unpaired");
    notes.end(await pair(device, notes), "paired again");
  });

  fault("no phone scans the last QR code in time", async (_test, notes) => {
    const device = await world.createDevice();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      dataOf(await world.call(`/qr?device_id=${device}`));
      vi.advanceTimersByTime(60_000);
      const second = dataOf(await world.call(`/qr?device_id=${device}`));
      const lifetimeMs =
        Date.parse(textAt(second, "expires_at")) - Date.parse(textAt(second, "generated_at"));
      assert.ok(Math.abs(lifetimeMs - 20_000) < 50, `${lifetimeMs}`);
      vi.advanceTimersByTime(20_000);
    } finally {
      vi.useRealTimers();
    }
    await world.untilState(device, "unpaired");
    assert.partialDeepStrictEqual(await status(device), { last_disconnect: { reason: "pairing_expired" } });
    notes.end(await pair(device, notes), "paired again");
  });
});
