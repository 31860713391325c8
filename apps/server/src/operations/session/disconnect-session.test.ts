import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const other = "5511900000001";

describe("POST /disconnect", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    for (const phone of [owner, other]) world.simulator.addAccount({ phone });
  });
  afterAll(() => world.stop());

  const disconnect = (device: string) => world.call(`/disconnect?device_id=${device}`, { method: "POST" });
  const stateOf = async (device: string) => at(dataOf(await world.call(`/devices/${device}`)), "state");

  describe("200", () => {
    it("ends the connection and keeps the device paired", async () => {
      const device = await world.pairedDevice(owner);
      const gone = nextEvent(world.simulator.events, "disconnected", ({ phone }) => phone === owner);
      const expected = { device_id: device, state: "disconnected" };
      assert.deepEqual(dataOf(await disconnect(device)), expected);
      await gone;
      assert.equal(world.simulator.account(owner).devices.at(-1)?.connected, false);
      assert.deepEqual(dataOf(await disconnect(device)), expected);
      assert.equal(
        at(dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" })), "state"),
        "connected",
      );
    });

    it("stays disconnected when the server starts again, while others connect by themselves", async () => {
      const device = await world.pairedDevice(owner);
      const restored = await world.pairedDevice(other);
      await disconnect(device);
      await world.stopServer();
      const logins: string[] = [];
      world.simulator.events.on("login", ({ phone }) => logins.push(phone));
      const fresh = world.simulator.account(owner).devices.at(-1);
      await world.restartServer();
      // Devices are restored oldest first, so the turn of the disconnected one has passed.
      await world.untilState(restored, "connected");
      assert.equal(await stateOf(device), "disconnected");
      assert.equal(fresh?.connected, false);
      assert.ok(logins.includes(other));
      await world.call(`/connect?device_id=${device}`, { method: "POST" });
      assert.equal(fresh?.connected, true);
    });

    it("changes nothing for a device that was never paired", async () => {
      const device = await world.createDevice();
      assert.deepEqual(dataOf(await disconnect(device)), { device_id: device, state: "unpaired" });
    });

    it("gives a QR code up", async () => {
      const device = await world.createDevice();
      dataOf(await world.call(`/qr?device_id=${device}`));
      assert.deepEqual(dataOf(await disconnect(device)), { device_id: device, state: "unpaired" });
      assert.equal(at(dataOf(await world.call(`/qr/status?device_id=${device}`)), "exists"), false);
    });

    it("keeps a banned device offline, also when its ban is over", async () => {
      const device = await world.pairedDevice(owner);
      const status = async () => dataOf(await world.call(`/status?device_id=${device}`));
      world.simulator.faults.refuseLogin(402, owner, { code: "101", expire: "1" });
      world.simulator.faults.close(owner, "tcp-drop");
      const bannedUntil = Date.parse(textAt(await world.untilState(device, "banned"), "banned_until"));
      assert.equal(at(dataOf(await disconnect(device)), "state"), "disconnected");
      const connect = () => world.call(`/connect?device_id=${device}`, { method: "POST" });
      const [answer, shown] = [await connect(), at(await status(), "banned_until")];
      // Otherwise the ban had ended before the test sent its request.
      if (Date.now() < bannedUntil) {
        assertRefused(answer, 409, "ACCOUNT_BANNED");
        assert.equal(shown, new Date(bannedUntil).toISOString());
      }
      world.simulator.faults.reset();
      const over = await until("the end of the ban", async () => {
        const seen = await status();
        return { found: at(seen, "banned_until") === null ? seen : undefined, seen };
      });
      assert.equal(at(over, "state"), "disconnected");
      assert.equal(at(dataOf(await connect()), "state"), "connected");
    });

    it("ends the attempts of a device that reconnects", async () => {
      const device = await world.pairedDevice(owner);
      world.simulator.faults.refuseLogin(503, owner);
      const refused = nextEvent(world.simulator.events, "loginRefused");
      world.simulator.faults.close(owner, "tcp-drop");
      await refused;
      assert.equal(at(dataOf(await disconnect(device)), "state"), "disconnected");
      world.simulator.faults.reset();
      await world.pairedDevice(other);
      assert.equal(await stateOf(device), "disconnected");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await world.call("/disconnect", { method: "POST", token: null }), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says DEVICE_NOT_FOUND for a device that is not there", async () => {
      assertRefused(await disconnect(randomUUID()), 404, "DEVICE_NOT_FOUND");
    });
  });

  describe("409", () => {
    it("says DEVICE_AMBIGUOUS when several could be meant", async () => {
      const token = await world.addUser();
      for (const name of ["One", "Two"]) await world.createDevice(name, token);
      assertRefused(await world.call("/disconnect", { method: "POST", token }), 409, "DEVICE_AMBIGUOUS");
    });
  });
});
