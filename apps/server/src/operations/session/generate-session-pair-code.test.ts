import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { PairingCodeRejected } from "@wuts/whatsapp-simulator";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import {
  type Answer,
  assertInvalid,
  assertRefused,
  assertRetryAfter,
  at,
  dataOf,
  textAt,
} from "../../test-support/call.ts";
import { nextEvent } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const other = "5511900000001";
const request = "iq md set/link_code_companion_reg";

describe("POST /paircode", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_CONNECT_TIMEOUT_MS: "6000", WUTS_WHATSAPP_TIMEOUT_MS: "6000" });
    for (const phone of [owner, other]) world.simulator.addAccount({ phone });
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const askWith = (body: unknown): Promise<Answer> => world.call("/paircode", { method: "POST", body });
  const ask = (device: string, number = owner, more = ""): Promise<Answer> =>
    world.call(`/paircode?device_id=${device}${more}`, { method: "POST", body: { number } });
  const stateOf = async (device: string) =>
    at(dataOf(await world.call(`/status?device_id=${device}`)), "state");

  describe("200", () => {
    it("answers a code that links the device when it is typed on that phone", async () => {
      const device = await world.createDevice();
      const code = dataOf(await ask(device, "+55 (11) 90000-0000"));
      assert.partialDeepStrictEqual(code, { device_id: device, phone_number: owner, cached: false });
      assert.match(textAt(code, "code"), /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
      assert.notEqual(textAt(code, "instructions"), "");
      assert.ok([298, 299, 300].includes(Number(at(code, "expires_in"))));
      assert.equal(await stateOf(device), "pairing");

      const login = nextEvent(world.simulator.events, "login");
      await world.simulator.account(owner).enterPairingCode(textAt(code, "code"));
      await login;
      dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
      assert.partialDeepStrictEqual(dataOf(await world.call(`/devices/${device}`)), {
        state: "connected",
        phone_number: owner,
      });
    });

    it("answers the same code again, and says so", async () => {
      const device = await world.createDevice();
      const first = dataOf(await ask(device));
      const second = dataOf(await ask(device));
      assert.deepEqual([at(first, "cached"), at(second, "cached")], [false, true]);
      assert.equal(at(second, "code"), at(first, "code"));
      assert.equal(at(second, "expires_at"), at(first, "expires_at"));
    });

    it("asks WhatsApp once for two callers at the same time", async () => {
      const device = await world.createDevice();
      world.simulator.received.reset();
      const [first, second] = await Promise.all([ask(device), ask(device)]);
      assert.equal(at(dataOf(first), "code"), at(dataOf(second), "code"));
      assert.equal(world.simulator.received.get(request), 1);
    });

    it("makes another code for refresh=true, and for another phone", async () => {
      const device = await world.createDevice();
      const first = textAt(dataOf(await ask(device)), "code");
      const second = textAt(dataOf(await ask(device, owner, "&refresh=true")), "code");
      const third = dataOf(await ask(device, other));
      assert.equal(new Set([first, second, textAt(third, "code")]).size, 3);
      assert.partialDeepStrictEqual(third, { phone_number: other, cached: false });
    });

    it("waits on after a wrong code was typed", async () => {
      const device_id = await world.createDevice();
      const code = textAt(dataOf(await ask(device_id)), "code");
      const phone = world.simulator.account(owner);
      await assert.rejects(phone.enterPairingCode("AAAA-AAAA"), PairingCodeRejected);
      assert.equal(await stateOf(device_id), "pairing");
      await phone.enterPairingCode(code);
      await world.untilState(device_id, "connected");
    });

    it("makes the first device on the fly", async () => {
      const token = await world.addUser();
      const code = dataOf(await world.call("/paircode", { method: "POST", body: { number: owner }, token }));
      const device = await world.call(`/devices/${textAt(code, "device_id")}`, { token });
      assert.equal(at(dataOf(device), "name"), "Device 1");
    });
  });

  describe("400", () => {
    it("refuses a number that is none", async () => assertInvalid(await askWith({ number: "me" }), "number"));
    it("refuses a body without a number", async () => assertInvalid(await askWith({}), "number"));
    for (const field of ["name", "phone", "device_id"]) {
      it(`refuses a field that the contract does not know: ${field}`, async () => {
        assertInvalid(await askWith({ number: owner, [field]: randomUUID() }), field);
      });
    }
    it("refuses a device_id that is no UUID", async () => assertInvalid(await ask("first"), "device_id"));
    it("refuses a request without a body", async () => {
      const headers = { "content-type": "application/json" };
      assertInvalid(await world.call("/paircode", { method: "POST", headers }), "body");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      const answer = await world.call("/paircode", { method: "POST", body: { number: owner }, token: null });
      assertRefused(answer, 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says DEVICE_NOT_FOUND for a device that is not there", async () => {
      assertRefused(await ask(randomUUID()), 404, "DEVICE_NOT_FOUND");
    });

    it("says NOT_ON_WHATSAPP for a phone that is not on WhatsApp", async () => {
      const device_id = await world.createDevice();
      assertRefused(await ask(device_id, "5511444444444"), 404, "NOT_ON_WHATSAPP");
    });
  });

  describe("409", () => {
    it("says DEVICE_ALREADY_PAIRED", async () => {
      const device_id = await world.pairedDevice(owner);
      assertRefused(await ask(device_id), 409, "DEVICE_ALREADY_PAIRED");
    });

    it("says DEVICE_AMBIGUOUS when several could be meant", async () => {
      const token = await world.addUser();
      for (const name of ["One", "Two"]) await world.createDevice(name, token);
      const answer = await world.call("/paircode", { method: "POST", body: { number: owner }, token });
      assertRefused(answer, 409, "DEVICE_AMBIGUOUS");
    });
  });

  describe("429", () => {
    it("says WHATSAPP_RATE_LIMITED when WhatsApp does, and the device can be paired later", async () => {
      const device_id = await world.createDevice();
      const undo = world.simulator.faults.answerError(request, 429);
      const answer = await ask(device_id);
      assertRefused(answer, 429, "WHATSAPP_RATE_LIMITED");
      assertRetryAfter(answer, 1, 3600);
      assert.equal(await stateOf(device_id), "unpaired");
      undo();
      dataOf(await ask(device_id));
    });
  });

  describe("502", () => {
    it("says WHATSAPP_ERROR when WhatsApp refuses the request", async () => {
      const device_id = await world.createDevice();
      world.simulator.faults.answerError(request, 400);
      assertRefused(await ask(device_id), 502, "WHATSAPP_ERROR");
      assert.equal(await stateOf(device_id), "unpaired");
    });

    it("keeps the code with which WhatsApp refuses", async () => {
      const device_id = await world.createDevice();
      world.simulator.faults.answerError("iq md set/link_code_companion_reg", 406);
      const answer = await ask(device_id);
      assertRefused(answer, 502, "WHATSAPP_ERROR");
      assert.equal(textAt(answer.body, "error"), "WhatsApp refused to make a pairing code (406)");
    });
  });

  describe("503", () => {
    it("says WHATSAPP_UNREACHABLE when no server answers there", async () => {
      const device_id = await world.createDevice();
      world.simulator.faults.muteHandshake();
      assertRefused(await ask(device_id), 503, "WHATSAPP_UNREACHABLE");
    });

    it("says WHATSAPP_UNREACHABLE when the connection is lost under the request", async () => {
      const device_id = await world.createDevice();
      world.simulator.faults.silence(request);
      const asked = nextEvent(world.simulator.events, "stanza", ({ stanza }) => stanza.attrs.xmlns === "md");
      const answering = ask(device_id);
      await asked;
      world.simulator.faults.closeAll("tcp-drop");
      assertRefused(await answering, 503, "WHATSAPP_UNREACHABLE");
      assert.equal(await stateOf(device_id), "unpaired");
    });
  });

  describe("504", () => {
    it("says WHATSAPP_TIMEOUT when WhatsApp does not answer the request", async () => {
      const device_id = await world.createDevice();
      world.simulator.faults.silence(request);
      assertRefused(await ask(device_id), 504, "WHATSAPP_TIMEOUT");
      assert.equal(await stateOf(device_id), "unpaired");
    });
  });
});
