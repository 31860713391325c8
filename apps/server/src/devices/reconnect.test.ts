import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { CloseKind } from "@wuts/whatsapp-simulator";
import { at, dataOf } from "../test-support/call.ts";
import { nextEvent, until } from "../test-support/until.ts";
import { startWorld, type World } from "../test-support/world.ts";

const owner = "5511900000000";

describe("A connected device whose connection ends", () => {
  let world: World;
  before(async () => {
    world = await startWorld({ WUTS_CONNECT_TIMEOUT_MS: "5000" });
    world.simulator.addAccount({ phone: owner });
  });
  afterEach(() => {
    world.simulator.faults.reset();
    world.simulator.account(owner).unlink();
  });
  after(() => world.stop());

  const status = async (device: string) => dataOf(await world.call(`/status?device_id=${device}`));
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
    it(`comes back by itself after "${kind}", and says why it was away`, async () => {
      const device = await world.pairedDevice(owner);
      const back = login();
      await end(kind);
      await back;
      await world.untilState(device, "connected");
      assert.partialDeepStrictEqual(await status(device), {
        is_logged_in: true,
        last_disconnect: { reason, code },
      });
    });
  }

  it("comes back after several refused logins", async () => {
    const device = await world.pairedDevice(owner);
    const undo = world.simulator.faults.refuseLogin(503, owner);
    let refusals = 0;
    const third = nextEvent(world.simulator.events, "loginRefused", () => {
      refusals += 1;
      return refusals === 3;
    });
    await end("tcp-drop");
    await third;
    assert.notEqual(at(await status(device), "state"), "connected");
    undo();
    await world.untilState(device, "connected");
  });

  it("stays away when another program took over (440), until POST /connect takes it back", async () => {
    const device = await world.pairedDevice(owner);
    let logins = 0;
    const count = () => {
      logins += 1;
    };
    world.simulator.events.on("login", count);
    await end("replaced");
    await world.untilState(device, "replaced");
    assert.partialDeepStrictEqual(await status(device), {
      is_logged_in: true,
      last_disconnect: { reason: "replaced", code: 440 },
    });
    // Another device comes, goes and comes back meanwhile; this one does not stir.
    const other = await world.createDevice();
    dataOf(await world.call(`/qr?device_id=${other}`));
    assert.equal(at(await status(device), "state"), "replaced");
    assert.equal(logins, 0);
    world.simulator.events.off("login", count);
    dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
    assert.equal(at(await status(device), "state"), "connected");
  });

  it("is logged out and wiped when the phone unlinks it (401)", async () => {
    const device = await world.pairedDevice(owner);
    world.simulator.account(owner).unlink();
    await world.untilState(device, "logged_out");
    assert.partialDeepStrictEqual(await status(device), {
      is_logged_in: false,
      jid: null,
      last_disconnect: { reason: "logged_out", code: 401 },
    });
    await until("the wiped credentials", async () => {
      const left = await credentials(device);
      return { found: left === 0 ? true : undefined, seen: left };
    });
    assert.deepEqual(await world.rows("select 1 from signal_keys where device_id = ?", device), []);
  });

  for (const [refusal, state, reason] of [
    [403, "banned", "banned"],
    [405, "disconnected", "client_outdated"],
  ] as const) {
    it(`is ${state} when the next login is refused with ${refusal}, and keeps its credentials`, async () => {
      const device = await world.pairedDevice(owner);
      world.simulator.faults.refuseLogin(refusal, owner);
      await end("tcp-drop");
      await world.untilState(device, state);
      assert.partialDeepStrictEqual(await status(device), {
        is_logged_in: true,
        last_disconnect: { reason, code: refusal },
      });
      assert.equal(await credentials(device), 1);
      world.simulator.faults.reset();
      dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
      assert.equal(at(await status(device), "state"), "connected");
    });
  }

  it("is disconnected when the account leaves multi-device (411)", async () => {
    const device = await world.pairedDevice(owner);
    await end("downgraded");
    await world.untilState(device, "disconnected");
    assert.partialDeepStrictEqual(await status(device), {
      last_disconnect: { reason: "multidevice_mismatch", code: 411 },
    });
  });

  it("comes back after a restart of the server, also when it was replaced", async () => {
    const device = await world.pairedDevice(owner);
    await end("replaced");
    await world.untilState(device, "replaced");
    await world.restartServer();
    await world.untilState(device, "connected");
  });
});

describe("A device that waits to reconnect", () => {
  let world: World;
  before(async () => {
    world = await startWorld({ WUTS_RECONNECT_MIN_MS: "60000", WUTS_RECONNECT_MAX_MS: "60000" });
    world.simulator.addAccount({ phone: owner });
  });
  after(() => world.stop());

  for (const kind of ["tcp-drop", "service-unavailable"] as const) {
    it(`is reconnecting after "${kind}", and POST /connect does not wait`, async () => {
      const device = await world.pairedDevice(owner);
      world.simulator.faults.close(owner, kind);
      await world.untilState(device, "reconnecting");
      const connected = await world.call(`/connect?device_id=${device}`, { method: "POST" });
      assert.deepEqual(dataOf(connected), { device_id: device, state: "connected", needs_qr: false });
      world.simulator.account(owner).unlink();
    });
  }
});
