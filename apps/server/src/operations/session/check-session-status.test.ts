import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";

const unresolved = {
  device_id: null,
  state: null,
  connected: false,
  paired: false,
  jid: null,
  lid: null,
  phone_number: null,
  last_activity_at: null,
  last_disconnect: null,
  banned_until: null,
  passkey_required: false,
};

describe("GET /status", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
  });
  afterAll(() => world.stop());

  describe("200", () => {
    it("tells who a connected device is", async () => {
      const startedAt = Date.now();
      const device = await world.pairedDevice(owner);
      const status = dataOf(await world.call(`/status?device_id=${device}`));
      assert.deepEqual(status, {
        device_id: device,
        state: "connected",
        connected: true,
        paired: true,
        jid: `${owner}@s.whatsapp.net`,
        lid: world.simulator.account(owner).lid,
        phone_number: owner,
        last_activity_at: textAt(status, "last_activity_at"),
        // Pairing ends with a restart, which WhatsApp asks for.
        last_disconnect: {
          reason: "restart_required",
          code: 515,
          at: textAt(status, "last_disconnect", "at"),
        },
        banned_until: null,
        passkey_required: false,
        unresolved: null,
        candidates: [],
      });
      const activity = Date.parse(textAt(status, "last_activity_at"));
      assert.ok(activity >= startedAt && activity <= Date.now());
    });

    it("tells of a new device that it is unpaired", async () => {
      const device = await world.createDevice();
      assert.deepEqual(dataOf(await world.call(`/status?device_id=${device}`)), {
        ...unresolved,
        device_id: device,
        state: "unpaired",
        unresolved: null,
        candidates: [],
      });
    });

    it("tells of a disconnected device who it is and why it is offline", async () => {
      const device = await world.pairedDevice(owner);
      await world.call(`/disconnect?device_id=${device}`, { method: "POST" });
      assert.partialDeepStrictEqual(dataOf(await world.call(`/status?device_id=${device}`)), {
        state: "disconnected",
        connected: false,
        paired: true,
        jid: `${owner}@s.whatsapp.net`,
        last_disconnect: { reason: "requested", code: null },
      });
    });

    it("says DEVICE_NOT_FOUND to a caller without devices", async () => {
      const answer = await world.call("/status", { token: await world.addUser() });
      assert.deepEqual(dataOf(answer), { ...unresolved, unresolved: "DEVICE_NOT_FOUND", candidates: [] });
    });

    it("says DEVICE_NOT_FOUND for an unknown device and for another caller's", async () => {
      const device = await world.createDevice();
      for (const [id, token] of [
        [randomUUID(), world.token],
        [device, await world.addUser()],
      ] as const) {
        const answer = await world.call(`/status?device_id=${id}`, { token });
        assert.equal(at(dataOf(answer), "unresolved"), "DEVICE_NOT_FOUND");
      }
    });

    it("says DEVICE_AMBIGUOUS with the ids to choose from", async () => {
      const token = await world.addUser();
      const candidates = [await world.createDevice("One", token), await world.createDevice("Two", token)];
      const status = dataOf(await world.call("/status", { token }));
      assert.deepEqual(status, { ...unresolved, unresolved: "DEVICE_AMBIGUOUS", candidates });
    });
  });

  describe("400", () => {
    it("refuses a device_id that is no UUID", async () => {
      assertInvalid(await world.call("/status?device_id=1"), "device_id");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await world.call("/status", { token: null }), 401, "UNAUTHORIZED");
    });
  });
});
