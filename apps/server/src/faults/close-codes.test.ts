import assert from "node:assert/strict";
import type { CloseKind } from "@wuts/whatsapp-simulator";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { assertRefused, at, dataOf } from "../test-support/call.ts";
import { faultsOf } from "../test-support/faults/fault.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const fault = faultsOf("WhatsApp ends the connection");
const owner = "5511900000000";
const ana = "5511999999999";

describe("A connected device whose connection ends", () => {
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

  const status = async (device: string) => dataOf(await world.call(`/status?device_id=${device}`));
  const look = (device: string) => world.call(`/contacts/profile-picture?number=${ana}&device_id=${device}`);
  const login = () => nextEvent(world.simulator.events, "login");
  const end = async (kind: CloseKind) => {
    const gone = nextEvent(world.simulator.events, "disconnected");
    assert.equal(world.simulator.faults.close(owner, kind), 1);
    await gone;
  };
  const credentials = async (device: string) =>
    (await world.rows("select 1 from credentials where device_id = ?", device)).length;

  for (const [kind, reason, code] of [
    ["restart-required", "restart_required", 515],
    ["service-unavailable", "service_unavailable", 503],
    ["xmlstreamend", "connection_lost", 428],
    ["tcp-drop", "connection_lost", 428],
    ["bad-session", "unknown", 500],
  ] as const) {
    fault(`with ${code} (${kind})`, async (_test, notes) => {
      const device = await world.pairedDevice(owner);
      const back = login();
      await end(kind);
      // It waits for the device to come back, unless it was asked on the connection that is gone.
      const answer = notes.answer(await look(device));
      if (answer.status !== 200) assertRefused(answer, 503, "DEVICE_NOT_READY");
      await back;
      notes.end(await world.untilState(device, "connected"), "by itself");
      assert.partialDeepStrictEqual(await status(device), {
        paired: true,
        last_disconnect: { reason, code },
      });
    });
  }

  fault("with 428, and refuses the next logins with 503", async (_test, notes) => {
    const device = await world.pairedDevice(owner);
    const undo = world.simulator.faults.refuseLogin(503, owner);
    let refusals = 0;
    const third = nextEvent(world.simulator.events, "loginRefused", () => {
      refusals += 1;
      return refusals === 3;
    });
    await end("tcp-drop");
    await third;
    const asking = look(device);
    assert.notEqual(at(await status(device), "state"), "connected");
    undo();
    notes.answer(await asking);
    notes.end(await world.untilState(device, "connected"), "by itself");
  });

  fault("with 440: another program took over", async (_test, notes) => {
    const device = await world.pairedDevice(owner);
    let logins = 0;
    const count = () => {
      logins += 1;
    };
    world.simulator.events.on("login", count);
    await end("replaced");
    await world.untilState(device, "replaced");
    assert.partialDeepStrictEqual(await status(device), {
      paired: true,
      last_disconnect: { reason: "replaced", code: 440 },
    });
    // Another device comes, goes and comes back meanwhile; this one does not stir.
    const other = await world.createDevice();
    dataOf(await world.call(`/qr?device_id=${other}`));
    assert.equal(at(await status(device), "state"), "replaced");
    assert.equal(logins, 0);
    world.simulator.events.off("login", count);
    assertRefused(notes.answer(await look(device)), 503, "DEVICE_NOT_READY");
    dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
    assert.equal(at(notes.end(await status(device), "after POST /connect"), "state"), "connected");
  });

  fault("with 401: the phone unlinks the device", async (_test, notes) => {
    const device = await world.pairedDevice(owner);
    world.simulator.account(owner).unlink();
    await world.untilState(device, "logged_out");
    assert.partialDeepStrictEqual(await status(device), {
      paired: false,
      jid: null,
      last_disconnect: { reason: "logged_out", code: 401 },
    });
    await until("the wiped credentials", async () => {
      const left = await credentials(device);
      return { found: left === 0 ? true : undefined, seen: left };
    });
    assert.deepEqual(await world.rows("select 1 from signal_keys where device_id = ?", device), []);
    assertRefused(notes.answer(await look(device)), 409, "DEVICE_NOT_PAIRED");
    notes.end(await status(device), "credentials wiped");
  });

  fault("with a conflict of type device_removed, without a code", async (_test, notes) => {
    const device = await world.pairedDevice(owner);
    await end("removed-without-code");
    await world.untilState(device, "logged_out");
    assert.partialDeepStrictEqual(await status(device), {
      paired: false,
      jid: null,
      last_disconnect: { reason: "logged_out", code: 440 },
    });
    await until("the wiped credentials", async () => {
      const left = await credentials(device);
      return { found: left === 0 ? true : undefined, seen: left };
    });
    assertRefused(notes.answer(await look(device)), 409, "DEVICE_NOT_PAIRED");
    notes.end(await status(device), "credentials wiped");
  });

  fault("with a conflict of type replaced, and the code 401", async (_test, notes) => {
    const device = await world.pairedDevice(owner);
    const content = [{ tag: "conflict", attrs: { type: "replaced" } }];
    world.simulator.faults.sendStanza(owner, { tag: "stream:error", attrs: { code: "401" }, content });
    await world.untilState(device, "replaced");
    assertRefused(notes.answer(await look(device)), 503, "DEVICE_NOT_READY");
    assert.equal(await credentials(device), 1);
    dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
    assert.equal(at(notes.end(await status(device), "after POST /connect"), "state"), "connected");
  });

  for (const [refusal, state, reason] of [
    [403, "banned", "banned"],
    [406, "banned", "banned"],
    [405, "disconnected", "client_outdated"],
    [409, "disconnected", "client_outdated"],
  ] as const) {
    fault(`with 428, and refuses the next login with ${refusal} (${reason})`, async (_test, notes) => {
      const device = await world.pairedDevice(owner);
      world.simulator.faults.refuseLogin(refusal, owner);
      await end("tcp-drop");
      await world.untilState(device, state);
      assert.partialDeepStrictEqual(await status(device), {
        paired: true,
        last_disconnect: { reason, code: refusal },
      });
      assert.equal(await credentials(device), 1);
      assertRefused(notes.answer(await look(device)), 503, "DEVICE_NOT_READY");
      notes.end(await status(device), "credentials kept");
      world.simulator.faults.reset();
      dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
      assert.equal(at(await status(device), "state"), "connected");
    });
  }

  fault("with 428, and refuses the next login with 401", async (_test, notes) => {
    const device = await world.pairedDevice(owner);
    world.simulator.faults.refuseLogin(401, owner);
    await end("tcp-drop");
    notes.end(await world.untilState(device, "logged_out"), "credentials wiped");
    assertRefused(notes.answer(await look(device)), 409, "DEVICE_NOT_PAIRED");
    await until("the wiped credentials", async () => {
      const left = await credentials(device);
      return { found: left === 0 ? true : undefined, seen: left };
    });
  });

  fault("with 411: the account leaves multi-device", async (_test, notes) => {
    const device = await world.pairedDevice(owner);
    await end("downgraded");
    await world.untilState(device, "disconnected");
    assert.partialDeepStrictEqual(await status(device), {
      last_disconnect: { reason: "multidevice_mismatch", code: 411 },
    });
    assertRefused(notes.answer(await look(device)), 503, "DEVICE_NOT_READY");
    notes.end(await status(device));
  });

  fault("with 440, and the server is restarted", async (_test, notes) => {
    const device = await world.pairedDevice(owner);
    await end("replaced");
    await world.untilState(device, "replaced");
    assertRefused(notes.answer(await look(device)), 503, "DEVICE_NOT_READY");
    await world.restartServer();
    notes.end(await world.untilState(device, "connected"), "after the restart");
  });
});

describe("A device that waits to reconnect", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_RECONNECT_MIN_MS: "60000", WUTS_RECONNECT_MAX_MS: "60000" });
    world.simulator.addAccount({ phone: owner });
  });
  afterAll(() => world.stop());

  for (const kind of ["tcp-drop", "service-unavailable"] as const) {
    fault(`with ${kind}, and the next attempt is a minute away`, async (_test, notes) => {
      const device = await world.pairedDevice(owner);
      world.simulator.faults.close(owner, kind);
      await world.untilState(device, "reconnecting");
      const connected = notes.answer(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
      assert.deepEqual(dataOf(connected), { device_id: device, state: "connected", paired: true });
      notes.end(dataOf(connected), "after POST /connect");
      world.simulator.account(owner).unlink();
    });
  }
});
