import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import {
  assertInvalid,
  assertRefused,
  assertRetryAfter,
  at,
  type CallOptions,
  dataOf,
} from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import { whileBusy } from "../../test-support/worlds/busy-device.ts";
import { describeOwnAccount } from "../../test-support/worlds/own-account.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const bia = "5511888888888";
const withoutNinth = "551133333333";
const withNinth = "5511933333333";
const unregistered = "5511444444444";
const usync = "iq usync get";
const change = "iq blocklist set";

const jidOf = (phone: string) => `${phone}@s.whatsapp.net`;

describe("POST /contacts/unblock", () => {
  let world: World;
  let device: string;
  let sent: unknown[] = [];
  beforeAll(async () => {
    // A lost connection stays lost for a minute: what is answered meanwhile can be looked at in peace.
    world = await startWorld({ WUTS_RECONNECT_MIN_MS: "60000", WUTS_RECONNECT_MAX_MS: "60000" });
    for (const phone of [owner, ana, bia]) world.simulator.addAccount({ phone });
    world.simulator.addAccount({ phone: withoutNinth, alsoReachedAs: [withNinth] });
    world.simulator.events.on("stanza", ({ stanza }) => {
      const { xmlns, type } = stanza.attrs;
      if (xmlns === "blocklist" && type === "set") sent.push(at(stanza, "content", 0, "attrs"));
    });
    device = await world.pairedDevice(owner);
  });
  beforeEach(async () => {
    for (const phone of blocked()) world.simulator.account(owner).unblock(phone);
    for (const phone of [ana, withoutNinth]) world.simulator.account(owner).block(phone);
    dataOf(await world.call("/connect", { method: "POST" }));
    for (const table of ["contacts", "registrations"]) await world.write(`delete from ${table}`);
    world.simulator.received.reset();
    sent = [];
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const unblock = (query: string, options: CallOptions = {}) =>
    world.call(`/contacts/unblock?${query}`, { method: "POST", ...options });
  const blocked = () => world.simulator.account(owner).blocked;
  const lidOf = (phone: string) => world.simulator.account(phone).lid;
  const counts = () => [world.simulator.received.get(usync), world.simulator.received.get(change)];
  const unblockedNow = (phone: string) => ({
    jid: jidOf(phone),
    lid: lidOf(phone),
    phone_number: phone,
    blocked: false,
  });

  describe("200", () => {
    it("unblocks by LID, as WhatsApp wants it", async () => {
      assert.deepEqual(dataOf(await unblock(`number=${ana}`)), unblockedNow(ana));
      assert.deepEqual(blocked(), [withoutNinth]);
      assert.deepEqual(sent, [{ action: "unblock", jid: lidOf(ana) }]);
      assert.deepEqual(counts(), [1, 1]);
    });

    it("leaves unblocked who is not blocked, and asks once who they are", async () => {
      for (const query of [`number=${bia}`, `jid=${jidOf(bia)}`, `jid=${bia}:3@s.whatsapp.net`])
        assert.deepEqual(dataOf(await unblock(query)), unblockedNow(bia));
      assert.deepEqual(blocked(), [ana, withoutNinth]);
      assert.deepEqual(counts(), [1, 3]);
    });

    it("unblocks a Brazilian number under the form that is registered", async () => {
      assert.deepEqual(dataOf(await unblock(`number=${withNinth}`)), unblockedNow(withoutNinth));
      assert.deepEqual(blocked(), [ana]);
    });

    it("unblocks a LID without asking whose it is", async () => {
      const lid = lidOf(ana);
      assert.partialDeepStrictEqual(dataOf(await unblock(`jid=${lid}`)), { jid: lid, blocked: false });
      assert.deepEqual(blocked(), [withoutNinth]);
      assert.deepEqual(counts(), [0, 1]);
    });

    it("unblocks who is blocked and not on WhatsApp any more", async () => {
      const item = { tag: "item", attrs: { jid: jidOf(unregistered) } };
      world.simulator.faults.malformed("iq blocklist get", [{ tag: "list", attrs: {}, content: [item] }]);
      world.simulator.faults.malformed(change, [{ tag: "list", attrs: {} }]);
      assert.deepEqual(dataOf(await unblock(`number=${unregistered}`)), {
        jid: jidOf(unregistered),
        lid: null,
        phone_number: unregistered,
        blocked: false,
      });
      assert.deepEqual(sent.at(-1), { action: "unblock", jid: jidOf(unregistered) });
    });

    it("unblocks a number that had another LID when it was blocked", async () => {
      const older = "112233445566000@lid";
      const item = { tag: "item", attrs: { jid: older, pn_jid: jidOf(ana) } };
      const others = { tag: "item", attrs: { jid: lidOf(bia), pn_jid: jidOf(bia) } };
      world.simulator.faults.malformed(change, [{ tag: "list", attrs: {}, content: [others, item] }]);
      assert.deepEqual(dataOf(await unblock(`number=${ana}`)), unblockedNow(ana));
      assert.deepEqual(sent, [
        { action: "unblock", jid: lidOf(ana) },
        { action: "unblock", jid: older },
      ]);
      sent = [];
      assert.partialDeepStrictEqual(dataOf(await unblock("jid=112233445566001@lid")), { blocked: false });
      assert.deepEqual(sent, [{ action: "unblock", jid: "112233445566001@lid" }]);
    });

    it("sends each change, although an equal one is under way", async () => {
      world.simulator.faults.latency(200, change);
      const [path, method] = [`?number=${ana}`, "POST"];
      dataOf(await world.call("/contacts/check", { method, body: { numbers: [ana] } }));
      const answers = await Promise.all([
        world.call(`/contacts/unblock${path}`, { method }),
        world.call(`/contacts/unblock${path}`, { method }),
      ]);
      for (const answer of answers) assert.deepEqual(dataOf(answer), unblockedNow(ana));
      assert.deepEqual(counts(), [1, 2]);
    });
  });

  describe("400", () => {
    it("names both parameters when neither is given", async () =>
      assertInvalid(await unblock(""), "jid", "number"));

    for (const [query, field] of [
      ["jid=120363039000000000@g.us", "jid"],
      ["number=12", "number"],
      [`number=${ana}&colour=red`, "colour"],
    ] as const) {
      it(`refuses ${query}, and unblocks no contact`, async () => {
        assertInvalid(await unblock(query), field);
        assert.deepEqual(counts(), [0, 0]);
      });
    }
  });

  it("401: refuses who sends no token", async () => {
    assertRefused(await unblock(`number=${ana}`, { token: null }), 401, "UNAUTHORIZED");
  });

  describe("404", () => {
    it("says NOT_ON_WHATSAPP of a number that no account has, and changes nothing", async () => {
      assertRefused(await unblock("number=5521100000009"), 404, "NOT_ON_WHATSAPP");
      assert.deepEqual(counts(), [1, 0]);
    });

    it("says NOT_ON_WHATSAPP of a LID that WhatsApp does not know", async () => {
      assertRefused(await unblock("jid=112233445566778@lid"), 404, "NOT_ON_WHATSAPP");
    });

    it("says DEVICE_NOT_FOUND for a device that is not the caller's", async () => {
      assertRefused(await unblock(`number=${ana}&device_id=${randomUUID()}`), 404, "DEVICE_NOT_FOUND");
      const stranger = { token: await world.addUser() };
      assertRefused(await unblock(`number=${ana}&device_id=${device}`, stranger), 404, "DEVICE_NOT_FOUND");
      assert.deepEqual(blocked(), [ana, withoutNinth]);
    });
  });

  describeOwnAccount(() => world, "/contacts/unblock", counts);

  it("409: says DEVICE_NOT_PAIRED of a new device, DEVICE_AMBIGUOUS of two", async () => {
    const token = await world.addUser();
    await world.createDevice("New", token);
    assertRefused(await unblock(`number=${ana}`, { token }), 409, "DEVICE_NOT_PAIRED");
    await world.createDevice("Newer", token);
    assertRefused(await unblock(`number=${ana}`, { token }), 409, "DEVICE_AMBIGUOUS");
  });

  for (const kind of [usync, change]) {
    it(`429: says WHATSAPP_RATE_LIMITED when "${kind}" is refused so`, async () => {
      world.simulator.faults.answerError(kind, 429);
      const answer = await unblock(`number=${ana}`);
      assertRefused(answer, 429, "WHATSAPP_RATE_LIMITED");
      assertRetryAfter(answer, 1, 3600);
      assert.deepEqual(blocked(), [ana, withoutNinth]);
    });
  }

  describe("502", () => {
    it("says WHATSAPP_ERROR when WhatsApp refuses", async () => {
      world.simulator.faults.answerError(change, 406);
      assertRefused(await unblock(`number=${ana}`), 502, "WHATSAPP_ERROR");
    });

    it("says WHATSAPP_ERROR when a block list is not understood that may have contacts in it", async () => {
      world.simulator.faults.malformed("iq blocklist get");
      assertRefused(await unblock(`number=${unregistered}`), 502, "WHATSAPP_ERROR");
    });

    it("says WHATSAPP_ERROR when it cannot be told who that is", async () => {
      world.simulator.faults.malformed(usync);
      assertRefused(await unblock(`number=${ana}`), 502, "WHATSAPP_ERROR");
    });
  });

  it("503: says DEVICE_NOT_READY of a device that is disconnected", async () => {
    await world.call("/disconnect", { method: "POST" });
    assertRefused(await unblock(`number=${ana}`), 503, "DEVICE_NOT_READY");
    assertRefused(await unblock(`jid=${lidOf(ana)}`), 503, "DEVICE_NOT_READY");
  });
});

describe("POST /contacts/unblock when WhatsApp has half a second to answer", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_WHATSAPP_TIMEOUT_MS: "500" });
    for (const phone of [owner, ana, bia]) world.simulator.addAccount({ phone });
    await world.pairedDevice(owner);
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const unblock = (number: string) => world.call(`/contacts/unblock?number=${number}`, { method: "POST" });

  it("504: counts both queries against one deadline", async () => {
    for (const kind of [usync, change]) world.simulator.faults.latency(400, kind);
    assertRefused(await unblock(bia), 504, "WHATSAPP_TIMEOUT");
  });
});

describe("POST /contacts/unblock by a device that lets no query wait", () => {
  it("503: says DEVICE_BUSY to who would have to wait behind too many", async (t) => {
    const answer = await whileBusy(
      t,
      [owner, ana, bia],
      (there) => there.call(`/contacts/unblock?number=${ana}`, { method: "POST" }),
      (there) => there.call(`/contacts/unblock?number=${bia}`, { method: "POST" }),
    );
    assertRefused(answer, 503, "DEVICE_BUSY");
  });
});
