import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, listAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";

describe("DELETE /devices/{device_id}", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
  });
  afterAll(() => world.stop());

  const remove = (device: string, token = world.token) =>
    world.call(`/devices/${device}`, { method: "DELETE", token });
  const rowsOf = (device: string) =>
    world.rows(
      `select 'd' from devices where id = :id union all select 'c' from credentials where device_id = :id
       union all select 'k' from signal_keys where device_id = :id
       union all select 'a' from registrations where device_id = :id`.replaceAll(":id", "?"),
      ...Array<string>(4).fill(device),
    );

  describe("200", () => {
    it("unlinks the device from the phone, and nothing of it is left", async () => {
      const device = await world.pairedDevice(owner);
      assert.deepEqual(dataOf(await remove(device)), { device_id: device, deleted: true, unlinked: true });
      assert.deepEqual(world.simulator.account(owner).devices, []);
      assert.deepEqual(await rowsOf(device), []);
      assertRefused(await world.call(`/devices/${device}`), 404, "DEVICE_NOT_FOUND");
      const items = listAt(dataOf(await world.call("/devices")), "items");
      assert.ok(items.every((item) => at(item, "id") !== device));
    });

    it("says that a device that is offline was not unlinked", async () => {
      const device = await world.pairedDevice(owner);
      await world.call(`/disconnect?device_id=${device}`, { method: "POST" });
      assert.deepEqual(dataOf(await remove(device)), { device_id: device, deleted: true, unlinked: false });
      assert.deepEqual(await rowsOf(device), []);
    });

    it("deletes a device that shows a QR code, and ends its connection", async () => {
      const device = await world.createDevice();
      dataOf(await world.call(`/qr?device_id=${device}`));
      assert.deepEqual(dataOf(await remove(device)), { device_id: device, deleted: true, unlinked: false });
      assert.equal(world.simulator.faults.closeAll("tcp-drop"), 0);
    });
  });

  describe("400", () => {
    it("refuses an id that is no UUID", async () => assertInvalid(await remove("first"), "device_id"));
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      const device = await world.createDevice();
      const answer = await world.call(`/devices/${device}`, { method: "DELETE", token: null });
      assertRefused(answer, 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says DEVICE_NOT_FOUND for an unknown device, and for another caller's, which stays", async () => {
      assertRefused(await remove(randomUUID()), 404, "DEVICE_NOT_FOUND");
      const device = await world.createDevice();
      assertRefused(await remove(device, await world.addUser()), 404, "DEVICE_NOT_FOUND");
      dataOf(await world.call(`/devices/${device}`));
    });
  });
});
