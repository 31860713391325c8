import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import {
  assertInvalid,
  assertRefused,
  assertRetryAfter,
  type CallOptions,
  dataOf,
} from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import { whileBusy } from "../../test-support/worlds/busy-device.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const bia = "5511888888888";
const asked = "iq blocklist get";

const jidOf = (phone: string) => `${phone}@s.whatsapp.net`;

describe("GET /contacts/blocklist", () => {
  let world: World;
  let device: string;
  beforeAll(async () => {
    // A lost connection stays lost for a minute: what is answered meanwhile can be looked at in peace.
    world = await startWorld({ WUTS_RECONNECT_MIN_MS: "60000", WUTS_RECONNECT_MAX_MS: "60000" });
    for (const phone of [owner, ana, bia]) world.simulator.addAccount({ phone });
    device = await world.pairedDevice(owner);
  });
  beforeEach(async () => {
    for (const phone of [ana, bia]) world.simulator.account(owner).unblock(phone);
    dataOf(await world.call("/connect", { method: "POST" }));
    world.simulator.received.reset();
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const look = (query = "", options: CallOptions = {}) => world.call(`/contacts/blocklist${query}`, options);
  const identity = (phone: string) => ({
    jid: jidOf(phone),
    lid: world.simulator.account(phone).lid,
    phone_number: phone,
  });
  const answered = (...items: Record<string, string>[]) =>
    world.simulator.faults.malformed(asked, [
      { tag: "list", attrs: {}, content: items.map((attrs) => ({ tag: "item", attrs })) },
    ]);

  describe("200", () => {
    it("answers an empty list", async () => {
      assert.deepEqual(dataOf(await look()), { items: [], next_cursor: null });
    });

    it("answers all blocked contacts, in WhatsApp's order, with one query", async () => {
      for (const phone of [bia, ana]) world.simulator.account(owner).block(phone);
      assert.deepEqual(dataOf(await look()), {
        items: [identity(bia), identity(ana)],
        next_cursor: null,
      });
      assert.equal(world.simulator.received.get(asked), 1);
    });

    it("answers who has no LID, and whose number is not known", async () => {
      answered({ jid: jidOf("5511777777777") }, { jid: "112233445566778@lid" });
      assert.deepEqual(dataOf(await look()), {
        items: [
          { jid: jidOf("5511777777777"), lid: null, phone_number: "5511777777777" },
          { jid: "112233445566778@lid", lid: "112233445566778@lid", phone_number: null },
        ],
        next_cursor: null,
      });
    });

    it("adds what is known from other answers", async () => {
      const body = { numbers: [ana, bia] };
      dataOf(await world.call("/contacts/check", { method: "POST", body }));
      answered({ jid: jidOf(ana) }, { jid: world.simulator.account(bia).lid });
      assert.deepEqual(dataOf(await look()), { items: [identity(ana), identity(bia)], next_cursor: null });
    });

    it("leaves out what names no contact", async () => {
      answered({ jid: "120363039000000000@g.us" }, { jid: "x" }, {}, { jid: jidOf(ana), pn_jid: "x" });
      assert.partialDeepStrictEqual(dataOf(await look()), { items: [{ jid: jidOf(ana) }] });
    });
  });

  it("400: refuses parameters that it does not know, and a device_id that is none", async () => {
    assertInvalid(await look("?colour=red"), "colour");
    assertInvalid(await look("?device_id=1"), "device_id");
  });

  it("401: refuses who sends no token", async () => {
    assertRefused(await look("", { token: null }), 401, "UNAUTHORIZED");
  });

  it("404: says DEVICE_NOT_FOUND for a device that is not the caller's", async () => {
    assertRefused(await look(`?device_id=${randomUUID()}`), 404, "DEVICE_NOT_FOUND");
    assertRefused(
      await look(`?device_id=${device}`, { token: await world.addUser() }),
      404,
      "DEVICE_NOT_FOUND",
    );
  });

  it("409: says DEVICE_NOT_PAIRED of a new device, DEVICE_AMBIGUOUS of two", async () => {
    const token = await world.addUser();
    await world.createDevice("New", token);
    assertRefused(await look("", { token }), 409, "DEVICE_NOT_PAIRED");
    await world.createDevice("Newer", token);
    assertRefused(await look("", { token }), 409, "DEVICE_AMBIGUOUS");
  });

  it("429: says WHATSAPP_RATE_LIMITED with Retry-After", async () => {
    world.simulator.faults.answerError(asked, 429);
    const answer = await look();
    assertRefused(answer, 429, "WHATSAPP_RATE_LIMITED");
    assertRetryAfter(answer, 1, 3600);
  });

  it("502: says WHATSAPP_ERROR for an answer that is not understood, and for an error", async () => {
    const undo = world.simulator.faults.malformed(asked);
    assertRefused(await look(), 502, "WHATSAPP_ERROR");
    undo();
    world.simulator.faults.answerError(asked, 404);
    assertRefused(await look(), 502, "WHATSAPP_ERROR");
  });

  it("503: says DEVICE_NOT_READY of a device that is disconnected", async () => {
    await world.call("/disconnect", { method: "POST" });
    assertRefused(await look(), 503, "DEVICE_NOT_READY");
    assert.equal(world.simulator.received.get(asked), 0);
  });
});

describe("GET /contacts/blocklist when WhatsApp has half a second to answer", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_WHATSAPP_TIMEOUT_MS: "500" });
    for (const phone of [owner, ana]) world.simulator.addAccount({ phone });
    await world.pairedDevice(owner);
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  it("504: says WHATSAPP_TIMEOUT when WhatsApp stays silent", async () => {
    world.simulator.faults.silence(asked);
    const startedAt = performance.now();
    assertRefused(await world.call("/contacts/blocklist"), 504, "WHATSAPP_TIMEOUT");
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs >= 480 && tookMs < 3_000, `${tookMs} ms`);
  });
});

describe("GET /contacts/blocklist by a device that lets no query wait", () => {
  it("503: says DEVICE_BUSY to who would have to wait behind too many", async (t) => {
    const answer = await whileBusy(
      t,
      [owner, ana],
      (there) => there.call(`/contacts/profile?number=${ana}`),
      (there) => there.call("/contacts/blocklist"),
    );
    assertRefused(answer, 503, "DEVICE_BUSY");
  });
});
