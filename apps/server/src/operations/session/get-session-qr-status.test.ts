import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";

describe("GET /qr/status", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
  });
  afterAll(() => world.stop());

  describe("200", () => {
    it("says that there is none, and makes none", async () => {
      const device = await world.createDevice();
      const none = { exists: false, generated_at: null, expires_at: null, passkey_required: false };
      assert.deepEqual(dataOf(await world.call(`/qr/status?device_id=${device}`)), {
        device_id: device,
        ...none,
      });
      assert.equal(at(dataOf(await world.call(`/devices/${device}`)), "state"), "unpaired");
    });

    it("says since when and until when one can be scanned", async () => {
      const device = await world.createDevice();
      const qr = dataOf(await world.call(`/qr?device_id=${device}`));
      assert.deepEqual(dataOf(await world.call(`/qr/status?device_id=${device}`)), {
        device_id: device,
        exists: true,
        generated_at: at(qr, "generated_at"),
        expires_at: at(qr, "expires_at"),
        passkey_required: false,
      });
    });

    it("says that there is none while a pairing code waits to be typed", async () => {
      const device = await world.createDevice();
      dataOf(await world.call(`/paircode?device_id=${device}`, { method: "POST", body: { number: owner } }));
      assert.equal(at(dataOf(await world.call(`/qr/status?device_id=${device}`)), "exists"), false);
    });

    it("says that there is none any more once the device is paired", async () => {
      const device = await world.pairedDevice(owner);
      assert.equal(at(dataOf(await world.call(`/qr/status?device_id=${device}`)), "exists"), false);
    });
  });

  describe("400", () => {
    it("refuses a device_id that is no UUID", async () => {
      assertInvalid(await world.call("/qr/status?device_id=first"), "device_id");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await world.call("/qr/status", { token: null }), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says DEVICE_NOT_FOUND, and makes no device", async () => {
      const token = await world.addUser();
      assertRefused(await world.call("/qr/status", { token }), 404, "DEVICE_NOT_FOUND");
      const unknown = await world.call(`/qr/status?device_id=${randomUUID()}`);
      assertRefused(unknown, 404, "DEVICE_NOT_FOUND");
      assert.deepEqual(dataOf(await world.call("/devices", { token })), { items: [], next_cursor: null });
    });
  });

  describe("409", () => {
    it("says DEVICE_AMBIGUOUS when several could be meant", async () => {
      const token = await world.addUser();
      for (const name of ["One", "Two"]) await world.createDevice(name, token);
      assertRefused(await world.call("/qr/status", { token }), 409, "DEVICE_AMBIGUOUS");
    });
  });
});
