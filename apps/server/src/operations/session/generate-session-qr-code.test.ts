import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { QrCodeRejected } from "@wuts/whatsapp-simulator";
import { toDataURL } from "qrcode";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import {
  assertInvalid,
  assertRefused,
  assertRetryAfter,
  at,
  dataOf,
  listAt,
  textAt,
} from "../../test-support/call.ts";
import { nextEvent } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";

describe("GET /qr", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_CONNECT_TIMEOUT_MS: "6000" });
    world.simulator.addAccount({ phone: owner });
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  describe("200", () => {
    it("answers a code that a phone can scan, as text and as a PNG of that text", async () => {
      const device = await world.createDevice();
      const qr = dataOf(await world.call(`/qr?device_id=${device}`));
      assert.partialDeepStrictEqual(qr, { device_id: device, cached: false });
      assert.match(textAt(qr, "qr_code"), /^https:\/\/wa\.me\/settings\/linked_devices#2@/);

      const [kind, base64 = ""] = textAt(qr, "image").split(",");
      assert.equal(kind, "data:image/png;base64");
      const png = Buffer.from(base64, "base64");
      assert.equal(png.subarray(1, 4).toString(), "PNG");
      assert.ok(png.readUInt32BE(16) >= 300, "wide enough for a camera");
      assert.equal(textAt(qr, "image"), await toDataURL(textAt(qr, "qr_code"), { width: 400 }));

      const [from, to] = [Date.parse(textAt(qr, "generated_at")), Date.parse(textAt(qr, "expires_at"))];
      assert.ok(Math.abs(to - from - 60_000) < 50 && Math.abs(from - Date.now()) < 10_000);
      const expiresIn = Number(at(qr, "expires_in"));
      assert.ok([58, 59, 60].includes(expiresIn), `${expiresIn} s`);
    });

    it("answers the same code again while it can be scanned, and says so", async () => {
      const path = `/qr?device_id=${await world.createDevice()}`;
      const first = dataOf(await world.call(path));
      const second = dataOf(await world.call(path));
      assert.deepEqual([at(first, "cached"), at(second, "cached")], [false, true]);
      for (const name of ["qr_code", "image", "generated_at", "expires_at"]) {
        assert.equal(at(second, name), at(first, name));
      }
    });

    for (const refresh of ["true", "1"]) {
      it(`makes another code for refresh=${refresh}; the old one is worthless`, async () => {
        const path = `/qr?device_id=${await world.createDevice()}`;
        const old = textAt(dataOf(await world.call(path)), "qr_code");
        const fresh = dataOf(await world.call(`${path}&refresh=${refresh}`));
        assert.equal(at(fresh, "cached"), false);
        assert.notEqual(textAt(fresh, "qr_code"), old);
        await assert.rejects(world.simulator.account(owner).scanQr(old), QrCodeRejected);
      });
    }

    it("makes the first device on the fly, once for two callers at the same time", async () => {
      const token = await world.addUser();
      const answers = await Promise.all([world.call("/qr", { token }), world.call("/qr", { token })]);
      const ids = answers.map((answer) => textAt(dataOf(answer), "device_id"));
      assert.equal(ids[0], ids[1]);
      const devices = listAt(dataOf(await world.call("/devices", { token })), "items");
      assert.deepEqual(
        devices.map((device) => [at(device, "id"), at(device, "name"), at(device, "state")]),
        [[ids[0], "Device 1", "pairing"]],
      );
    });

    it("leads to a connected device when the phone scans it", async () => {
      const device = await world.createDevice();
      const login = nextEvent(world.simulator.events, "login");
      const qr = textAt(dataOf(await world.call(`/qr?device_id=${device}`)), "qr_code");
      const linked = await world.simulator.account(owner).scanQr(qr);
      await login;
      dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
      assert.partialDeepStrictEqual(dataOf(await world.call(`/devices/${device}`)), {
        state: "connected",
        connected: true,
        jid: `${owner}@s.whatsapp.net`,
        lid: world.simulator.account(owner).lid,
        phone_number: owner,
      });
      assert.equal(linked.connected, true);
      assert.equal(linked.preKeyCount, 811);
    });

    it("is begun for another tenant before most of one that asks for very many", async () => {
      const bia = await world.addPerson("user", await world.addTenant());
      const theirs = await world.createDevice("Bia", bia.token);
      const own = await Promise.all(Array.from({ length: 20 }, () => world.createDevice()));
      const answered: string[] = [];
      const ask = async (who: string, device: string, token = world.token) => {
        dataOf(await world.call(`/qr?device_id=${device}`, { token }));
        answered.push(who);
      };
      const many = own.map((device) => ask("many", device));
      await Promise.all([...many, ask("bia", theirs, bia.token)]);
      assert.ok(answered.indexOf("bia") <= 8, `after ${answered.indexOf("bia")} of 20`);
    });

    it("gives up a pairing code that was waiting", async () => {
      const device = await world.createDevice();
      const body = { number: owner };
      dataOf(await world.call(`/paircode?device_id=${device}`, { method: "POST", body }));
      assert.equal(at(dataOf(await world.call(`/qr?device_id=${device}`)), "cached"), false);
    });
  });

  describe("400", () => {
    it("refuses a refresh that is neither yes nor no", async () => {
      assertInvalid(await world.call("/qr?refresh=maybe"), "refresh");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await world.call("/qr", { token: null }), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says DEVICE_NOT_FOUND for a named device that is not there", async () => {
      assertRefused(await world.call(`/qr?device_id=${randomUUID()}`), 404, "DEVICE_NOT_FOUND");
    });
  });

  describe("409", () => {
    for (const [how, end] of [
      ["disconnects the device", (id) => world.call(`/disconnect?device_id=${id}`, { method: "POST" })],
      ["asks for another code", (id) => world.call(`/qr?device_id=${id}&refresh=true`)],
      ["deletes the device", (id) => world.call(`/devices/${id}`, { method: "DELETE" })],
    ] satisfies [string, (id: string) => Promise<unknown>][])
      it(`says PAIRING_ENDED when another request ${how} before the code came`, async () => {
        const device = await world.createDevice();
        const undo = world.simulator.faults.withholdQrCodes();
        const waiting = world.call(`/qr?device_id=${device}`);
        await world.untilState(device, "pairing");
        const ending = end(device);
        assertRefused(await waiting, 409, "PAIRING_ENDED");
        undo();
        await ending;
      });

    it("says DEVICE_ALREADY_PAIRED, connected or not", async () => {
      const device = await world.pairedDevice(owner);
      assertRefused(await world.call(`/qr?device_id=${device}`), 409, "DEVICE_ALREADY_PAIRED");
      await world.call(`/disconnect?device_id=${device}`, { method: "POST" });
      assertRefused(await world.call(`/qr?device_id=${device}&refresh=1`), 409, "DEVICE_ALREADY_PAIRED");
    });

    it("says DEVICE_AMBIGUOUS when several could be meant", async () => {
      const token = await world.addUser();
      for (const name of ["One", "Two"]) await world.createDevice(name, token);
      assertRefused(await world.call("/qr", { token }), 409, "DEVICE_AMBIGUOUS");
    });
  });

  describe("502", () => {
    it("says WHATSAPP_ERROR when WhatsApp does not take this client", async () => {
      const device = await world.createDevice();
      world.simulator.faults.refusePairing(405);
      assertRefused(await world.call(`/qr?device_id=${device}`), 502, "WHATSAPP_ERROR");
      assert.partialDeepStrictEqual(dataOf(await world.call(`/status?device_id=${device}`)), {
        state: "unpaired",
        last_disconnect: { reason: "client_outdated", code: 405 },
      });
    });

    it("says WHATSAPP_ERROR when WhatsApp answers that it is not there for anybody", async () => {
      const device = await world.createDevice();
      world.simulator.faults.refusePairing(503);
      const answer = await world.call(`/qr?device_id=${device}`);
      assertRefused(answer, 502, "WHATSAPP_ERROR");
      assert.equal(textAt(answer.body, "error"), "WhatsApp ended the connection (service_unavailable, 503)");
    });
  });

  describe("503", () => {
    it("says WHATSAPP_UNREACHABLE when no server answers there, and works again afterwards", async () => {
      const device = await world.createDevice();
      const undo = world.simulator.faults.muteHandshake();
      const answer = await world.call(`/qr?device_id=${device}`);
      assertRefused(answer, 503, "WHATSAPP_UNREACHABLE");
      assert.match(textAt(answer.body, "error"), /`npx wuts doctor`/);
      assertRetryAfter(answer, 1, 60);
      undo();
      dataOf(await world.call(`/qr?device_id=${device}`));
    });

    it("says WHATSAPP_UNREACHABLE when the connection is lost before the code came", async () => {
      const device = await world.createDevice();
      world.simulator.faults.cutHandshake("hello");
      assertRefused(await world.call(`/qr?device_id=${device}`), 503, "WHATSAPP_UNREACHABLE");
    });
  });

  describe("504", () => {
    it("says WHATSAPP_TIMEOUT when WhatsApp lets the device in but offers no code", async () => {
      const device = await world.createDevice();
      const undo = world.simulator.faults.withholdQrCodes();
      assertRefused(await world.call(`/qr?device_id=${device}`), 504, "WHATSAPP_TIMEOUT");
      undo();
      dataOf(await world.call(`/qr?device_id=${device}`));
    });
  });
});
