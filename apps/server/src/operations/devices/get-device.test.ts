import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, dataOf } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";

describe("GET /devices/{device_id}", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
  });
  afterAll(() => world.stop());

  describe("200", () => {
    it("answers who a paired device is, and its state at this moment", async () => {
      const id = await world.pairedDevice(owner);
      assert.partialDeepStrictEqual(dataOf(await world.call(`/devices/${id}`)), {
        id,
        state: "connected",
        connected: true,
        jid: `${owner}@s.whatsapp.net`,
        phone_number: owner,
      });
      await world.call(`/disconnect?device_id=${id}`, { method: "POST" });
      assert.partialDeepStrictEqual(dataOf(await world.call(`/devices/${id}`)), {
        state: "disconnected",
        connected: false,
        phone_number: owner,
      });
    });
  });

  describe("400", () => {
    it("refuses an id that is no UUID", async () => {
      assertInvalid(await world.call("/devices/first"), "device_id");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await world.call(`/devices/${randomUUID()}`, { token: null }), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says DEVICE_NOT_FOUND for an unknown device, and for another caller's", async () => {
      assertRefused(await world.call(`/devices/${randomUUID()}`), 404, "DEVICE_NOT_FOUND");
      const path = `/devices/${await world.createDevice()}`;
      assertRefused(await world.call(path, { token: await world.addUser() }), 404, "DEVICE_NOT_FOUND");
    });
  });
});
