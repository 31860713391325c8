import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { nextEvent } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const request = "iq md set/remove-companion-device";

describe("POST /logout", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_WHATSAPP_TIMEOUT_MS: "3000" });
    world.simulator.addAccount({ phone: owner });
  });
  afterEach(() => {
    world.simulator.faults.reset();
    world.simulator.account(owner).unlink();
  });
  afterAll(() => world.stop());

  const logout = (device: string) => world.call(`/logout?device_id=${device}`, { method: "POST" });
  const stored = (device: string) =>
    Promise.all(
      ["credentials", "signal_keys"].map(async (table) =>
        at(await world.rows(`select count(*) as n from ${table} where device_id = ?`, device), 0, "n"),
      ),
    );
  const loggedOut = (device: string, unlinked: boolean) => ({
    device_id: device,
    state: "logged_out",
    unlinked,
  });

  describe("200", () => {
    it("unlinks the device from the phone and wipes its credentials and keys", async () => {
      const device = await world.pairedDevice(owner);
      assert.ok((await stored(device)).every((count) => Number(count) > 0));
      assert.deepEqual(dataOf(await logout(device)), loggedOut(device, true));
      assert.deepEqual(world.simulator.account(owner).devices, []);
      assert.deepEqual(await stored(device), [0, 0]);
      assert.partialDeepStrictEqual(dataOf(await world.call(`/status?device_id=${device}`)), {
        state: "logged_out",
        paired: false,
        jid: null,
        lid: null,
        phone_number: null,
      });
    });

    it("leaves a device that can be paired again", async () => {
      const device = await world.pairedDevice(owner);
      dataOf(await logout(device));
      const qr = textAt(dataOf(await world.call(`/qr?device_id=${device}`)), "qr_code");
      await world.simulator.account(owner).scanQr(qr);
      await world.untilState(device, "connected");
    });

    it("wipes a disconnected device too; the phone still lists it", async () => {
      const device = await world.pairedDevice(owner);
      await world.call(`/disconnect?device_id=${device}`, { method: "POST" });
      assert.deepEqual(dataOf(await logout(device)), loggedOut(device, false));
      assert.deepEqual(await stored(device), [0, 0]);
      assert.equal(world.simulator.account(owner).devices.length, 1);
    });

    it("wipes the device when WhatsApp refuses to unlink it, or does not answer", async () => {
      for (const refuse of [
        () => world.simulator.faults.answerError(request, 500),
        () => world.simulator.faults.silence(request),
      ]) {
        const device = await world.pairedDevice(owner);
        const undo = refuse();
        assert.deepEqual(dataOf(await logout(device)), loggedOut(device, false));
        assert.deepEqual(await stored(device), [0, 0]);
        undo();
      }
    });

    it("counts it as unlinked when WhatsApp ends the link instead of answering", async () => {
      const device = await world.pairedDevice(owner);
      world.simulator.faults.silence(request);
      const asked = nextEvent(world.simulator.events, "stanza", ({ stanza }) => stanza.attrs.xmlns === "md");
      const answering = logout(device);
      await asked;
      world.simulator.account(owner).unlink();
      assert.deepEqual(dataOf(await answering), loggedOut(device, true));
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await world.call("/logout", { method: "POST", token: null }), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says DEVICE_NOT_FOUND for a device that is not there, and for another caller's", async () => {
      assertRefused(await logout(randomUUID()), 404, "DEVICE_NOT_FOUND");
      const device = await world.pairedDevice(owner);
      const stranger = { method: "POST", token: await world.addUser() };
      assertRefused(await world.call(`/logout?device_id=${device}`, stranger), 404, "DEVICE_NOT_FOUND");
      assert.equal(world.simulator.account(owner).devices.length, 1);
    });
  });

  describe("409", () => {
    it("says DEVICE_NOT_PAIRED of a new device, one that is being paired, and one that is logged out", async () => {
      const device = await world.createDevice();
      assertRefused(await logout(device), 409, "DEVICE_NOT_PAIRED");
      dataOf(await world.call(`/qr?device_id=${device}`));
      assertRefused(await logout(device), 409, "DEVICE_NOT_PAIRED");

      const paired = await world.pairedDevice(owner);
      dataOf(await logout(paired));
      assertRefused(await logout(paired), 409, "DEVICE_NOT_PAIRED");
    });

    it("says DEVICE_AMBIGUOUS when several could be meant", async () => {
      const token = await world.addUser();
      for (const name of ["One", "Two"]) await world.createDevice(name, token);
      assertRefused(await world.call("/logout", { method: "POST", token }), 409, "DEVICE_AMBIGUOUS");
    });
  });
});
