import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { assertRefused, assertRetryAfter, at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";

describe("POST /connect", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_CONNECT_TIMEOUT_MS: "6000" });
    world.simulator.addAccount({ phone: owner });
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const connect = (device: string) => world.call(`/connect?device_id=${device}`, { method: "POST" });
  const disconnected = async () => {
    const device = await world.pairedDevice(owner);
    dataOf(await world.call(`/disconnect?device_id=${device}`, { method: "POST" }));
    return device;
  };

  describe("200", () => {
    it("connects a disconnected device, and says so only when WhatsApp has accepted it", async () => {
      const device = await disconnected();
      const expected = { device_id: device, state: "connected", paired: true };
      assert.deepEqual(dataOf(await connect(device)), expected);
      assert.equal(world.simulator.account(owner).devices.at(-1)?.connected, true);
    });

    it("changes nothing for a connected device, and logs in once for two callers", async () => {
      const device = await disconnected();
      let logins = 0;
      const count = () => {
        logins += 1;
      };
      world.simulator.events.on("login", count);
      await Promise.all([connect(device), connect(device)]);
      assert.equal(at(dataOf(await connect(device)), "state"), "connected");
      world.simulator.events.off("login", count);
      assert.equal(logins, 1);
    });

    it("says that an unpaired device needs a QR code", async () => {
      const device = await world.createDevice();
      const expected = { device_id: device, state: "unpaired", paired: false };
      assert.deepEqual(dataOf(await connect(device)), expected);
    });

    it("says that a device whose QR code waits needs it scanned", async () => {
      const device = await world.createDevice();
      dataOf(await world.call(`/qr?device_id=${device}`));
      assert.deepEqual(dataOf(await connect(device)), {
        device_id: device,
        state: "pairing",
        paired: false,
      });
    });

    it("says that a device that was unlinked meanwhile needs a QR code", async () => {
      const device = await disconnected();
      const linked = world.simulator.account(owner).devices.at(-1);
      world.simulator.account(owner).unlink(linked?.id);
      const expected = { device_id: device, state: "logged_out", paired: false };
      assert.deepEqual(dataOf(await connect(device)), expected);
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await world.call("/connect", { method: "POST", token: null }), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says DEVICE_NOT_FOUND for a device that is not there", async () => {
      assertRefused(await connect(randomUUID()), 404, "DEVICE_NOT_FOUND");
    });
  });

  describe("409", () => {
    it("says DEVICE_AMBIGUOUS when several could be meant", async () => {
      const token = await world.addUser();
      for (const name of ["One", "Two"]) await world.createDevice(name, token);
      assertRefused(await world.call("/connect", { method: "POST", token }), 409, "DEVICE_AMBIGUOUS");
    });
  });

  describe("409, of an account that WhatsApp refuses", () => {
    for (const [code, attributes, text, isTimed] of [
      [403, {}, /^WhatsApp refuses this account \(banned, 403\)$/, false],
      [406, {}, /^WhatsApp refuses this account \(banned, 406\)$/, false],
      [402, {}, /^WhatsApp refuses this account \(temporarily_banned, 402\)$/, false],
      [
        402,
        { code: "101", expire: "3600" },
        /^WhatsApp has banned this account until \d{4}-\d\d-\d\dT/,
        true,
      ],
    ] as const) {
      const given = JSON.stringify(attributes);
      it(`says ACCOUNT_BANNED when WhatsApp refuses the login with ${code} ${given}, and how long`, async () => {
        const device = await disconnected();
        world.simulator.faults.refuseLogin(code, owner, attributes);
        let logins = 0;
        const count = () => {
          logins += 1;
        };
        world.simulator.events.on("loginRefused", count);
        for (const attempt of [1, 2]) {
          const answer = await connect(device);
          assertRefused(answer, 409, "ACCOUNT_BANNED");
          assert.match(textAt(answer.body, "error"), text);
          // The server does not query WhatsApp again before a ban ends.
          assert.equal(logins, isTimed ? 1 : attempt);
        }
        world.simulator.events.off("loginRefused", count);
        assert.equal(at(dataOf(await world.call(`/devices/${device}`)), "state"), "banned");
      });
    }
  });

  describe("502", () => {
    for (const [code, reason] of [
      [400, "login_refused"],
      [405, "client_outdated"],
      [409, "client_outdated"],
      [415, "login_refused"],
    ] as const) {
      it(`says WHATSAPP_ERROR when WhatsApp refuses the login with ${code}; it is disconnected then`, async () => {
        const device = await disconnected();
        world.simulator.faults.refuseLogin(code, owner);
        const answer = await connect(device);
        assertRefused(answer, 502, "WHATSAPP_ERROR");
        assert.equal(textAt(answer.body, "error"), `WhatsApp ended the connection (${reason}, ${code})`);
        assert.equal(at(dataOf(await world.call(`/devices/${device}`)), "state"), "disconnected");
      });
    }

    it("says WHATSAPP_ERROR when WhatsApp answers that it is overloaded", async () => {
      const device = await disconnected();
      world.simulator.faults.refuseLogin(503, owner);
      const answer = await connect(device);
      assertRefused(answer, 502, "WHATSAPP_ERROR");
      assert.equal(textAt(answer.body, "error"), "WhatsApp ended the connection (service_unavailable, 503)");
    });
  });

  describe("503", () => {
    it("says WHATSAPP_UNREACHABLE when the connection is lost before WhatsApp has said anything", async () => {
      const device = await disconnected();
      world.simulator.faults.cutHandshake("hello");
      const answer = await connect(device);
      assertRefused(answer, 503, "WHATSAPP_UNREACHABLE");
      assertRetryAfter(answer, 1, 60);
    });
  });

  describe("504", () => {
    it("says WHATSAPP_TIMEOUT when WhatsApp starts to answer and falls silent", async () => {
      const device = await disconnected();
      world.simulator.faults.silence("iq encrypt get/count");
      assertRefused(await connect(device), 504, "WHATSAPP_TIMEOUT");
    });
  });
});
