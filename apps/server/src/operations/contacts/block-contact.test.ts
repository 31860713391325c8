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
const carla = "5511777777777";
const dora = "5511666666666";
const edu = "5511555555555";
const withoutNinth = "551133333333";
const withNinth = "5511933333333";
const usync = "iq usync get";
const change = "iq blocklist set";

const jidOf = (phone: string) => `${phone}@s.whatsapp.net`;

describe("POST /contacts/block", () => {
  let world: World;
  let device: string;
  let sent: unknown[] = [];
  beforeAll(async () => {
    // A lost connection stays lost for a minute: what is answered meanwhile can be looked at in peace.
    world = await startWorld({ WUTS_RECONNECT_MIN_MS: "60000", WUTS_RECONNECT_MAX_MS: "60000" });
    for (const phone of [owner, ana, bia, carla, dora, edu]) world.simulator.addAccount({ phone });
    world.simulator.addAccount({ phone: withoutNinth, alsoReachedAs: [withNinth] });
    world.simulator.events.on("stanza", ({ stanza }) => {
      const { xmlns, type } = stanza.attrs;
      if (xmlns === "blocklist" && type === "set") sent.push(at(stanza, "content", 0, "attrs"));
    });
    device = await world.pairedDevice(owner);
  });
  beforeEach(async () => {
    for (const phone of blocked()) world.simulator.account(owner).unblock(phone);
    dataOf(await world.call("/connect", { method: "POST" }));
    await world.write("delete from registrations");
    world.simulator.received.reset();
    sent = [];
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const block = (query: string, options: CallOptions = {}) =>
    world.call(`/contacts/block?${query}`, { method: "POST", ...options });
  const blocked = () => world.simulator.account(owner).blocked;
  const lidOf = (phone: string) => world.simulator.account(phone).lid;
  const counts = () => [world.simulator.received.get(usync), world.simulator.received.get(change)];
  const blockedNow = (phone: string) => ({
    jid: jidOf(phone),
    lid: lidOf(phone),
    phone_number: phone,
    blocked: true,
  });

  describe("200", () => {
    it("blocks by LID with the number beside it, as WhatsApp wants it", async () => {
      assert.deepEqual(dataOf(await block(`number=${ana}`)), blockedNow(ana));
      assert.deepEqual(blocked(), [ana]);
      assert.deepEqual(sent, [{ action: "block", jid: lidOf(ana), pn_jid: jidOf(ana) }]);
      assert.deepEqual(counts(), [1, 1]);
    });

    it("leaves blocked who is blocked, and asks once who they are", async () => {
      for (const query of [`number=${ana}`, `jid=${jidOf(ana)}`, `jid=${ana}:3@s.whatsapp.net`])
        assert.deepEqual(dataOf(await block(query)), blockedNow(ana));
      assert.deepEqual(blocked(), [ana]);
      assert.deepEqual(counts(), [1, 3]);
    });

    it("blocks a Brazilian number under the form that is registered", async () => {
      assert.deepEqual(dataOf(await block(`number=${withNinth}`)), blockedNow(withoutNinth));
      assert.deepEqual(blocked(), [withoutNinth]);
    });

    it("blocks a LID, with the number where it is known", async () => {
      const lid = lidOf(bia);
      assert.deepEqual(dataOf(await block(`jid=${lid}`)), {
        jid: lid,
        lid,
        phone_number: null,
        blocked: true,
      });
      dataOf(await world.call("/contacts/check", { method: "POST", body: { numbers: [bia] } }));
      assert.deepEqual(dataOf(await block(`jid=${lid}`)), blockedNow(bia));
      assert.deepEqual(sent, [
        { action: "block", jid: lid, unknown_identifier: "true" },
        { action: "block", jid: lid, pn_jid: jidOf(bia) },
      ]);
      // The second asks whether the number has that LID still.
      assert.deepEqual(counts(), [2, 2]);
    });

    it("blocks a LID of the block list with the number that the list told", async () => {
      const lid = lidOf(carla);
      world.simulator.account(owner).block(carla);
      assert.deepEqual(dataOf(await block(`jid=${lid}`)), blockedNow(carla));
      assert.deepEqual(sent, [{ action: "block", jid: lid, pn_jid: jidOf(carla) }]);
    });

    it("blocks it so, too, when it was unblocked since, and after a restart", async () => {
      const lid = lidOf(dora);
      world.simulator.account(owner).block(dora);
      dataOf(await world.call("/contacts/blocklist"));
      dataOf(await world.call(`/contacts/unblock?jid=${lid}`, { method: "POST" }));
      await world.restartServer();
      await world.untilState(device, "connected");
      sent = [];
      assert.deepEqual(dataOf(await block(`jid=${lid}`)), blockedNow(dora));
      assert.deepEqual(sent, [{ action: "block", jid: lid, pn_jid: jidOf(dora) }]);
      const listed = dataOf(await world.call(`/contacts?search=${dora}`));
      assert.partialDeepStrictEqual(listed, { items: [{ jid: jidOf(dora), lid }] });
    });

    it("blocks by number who has no LID", async () => {
      const contact = { tag: "contact", attrs: { type: "in" }, content: Buffer.from(`+${edu}`) };
      const user = { tag: "user", attrs: { jid: jidOf(edu) }, content: [contact] };
      const list = { tag: "list", attrs: {}, content: [user] };
      world.simulator.faults.malformed(usync, [{ tag: "usync", attrs: {}, content: [list] }]);
      assert.partialDeepStrictEqual(dataOf(await block(`number=${edu}`)), { jid: jidOf(edu), lid: null });
      assert.deepEqual(sent, [{ action: "block", jid: jidOf(edu) }]);
    });

    it("is no entry of the audit trail", async () => {
      const before = (await world.rows("select id from audit")).length;
      dataOf(await block(`number=${ana}`));
      assert.equal((await world.rows("select id from audit")).length, before);
    });
  });

  describe("400", () => {
    it("names both parameters when neither is given", async () =>
      assertInvalid(await block(""), "jid", "number"));

    for (const [query, field] of [
      ["jid=120363039000000000@g.us", "jid"],
      ["number=12", "number"],
      [`number=${ana}&colour=red`, "colour"],
    ] as const) {
      it(`refuses ${query}, and blocks no contact`, async () => {
        assertInvalid(await block(query), field);
        assert.deepEqual(counts(), [0, 0]);
      });
    }
  });

  it("401: refuses who sends no token", async () => {
    assertRefused(await block(`number=${ana}`, { token: null }), 401, "UNAUTHORIZED");
  });

  describe("404", () => {
    it("says NOT_ON_WHATSAPP of a number that no account has, and changes nothing", async () => {
      assertRefused(await block("number=5521100000009"), 404, "NOT_ON_WHATSAPP");
      assert.deepEqual(counts(), [1, 0]);
    });

    it("says NOT_ON_WHATSAPP of a LID that WhatsApp does not know", async () => {
      assertRefused(await block("jid=112233445566778@lid"), 404, "NOT_ON_WHATSAPP");
    });

    it("says DEVICE_NOT_FOUND for a device that is not the caller's", async () => {
      assertRefused(await block(`number=${ana}&device_id=${randomUUID()}`), 404, "DEVICE_NOT_FOUND");
      const stranger = { token: await world.addUser() };
      assertRefused(await block(`number=${ana}&device_id=${device}`, stranger), 404, "DEVICE_NOT_FOUND");
      assert.deepEqual(blocked(), []);
    });
  });

  describeOwnAccount(() => world, "/contacts/block", counts);

  it("409: says DEVICE_NOT_PAIRED of a new device, DEVICE_AMBIGUOUS of two", async () => {
    const token = await world.addUser();
    await world.createDevice("New", token);
    assertRefused(await block(`number=${ana}`, { token }), 409, "DEVICE_NOT_PAIRED");
    await world.createDevice("Newer", token);
    assertRefused(await block(`number=${ana}`, { token }), 409, "DEVICE_AMBIGUOUS");
  });

  for (const kind of [usync, change]) {
    it(`429: says WHATSAPP_RATE_LIMITED when "${kind}" is refused so`, async () => {
      world.simulator.faults.answerError(kind, 429);
      const answer = await block(`number=${ana}`);
      assertRefused(answer, 429, "WHATSAPP_RATE_LIMITED");
      assertRetryAfter(answer, 1, 3600);
      assert.deepEqual(blocked(), []);
    });
  }

  describe("502", () => {
    it("says WHATSAPP_ERROR when WhatsApp refuses to block a contact", async () => {
      world.simulator.faults.answerError(change, 406);
      assertRefused(await block(`number=${ana}`), 502, "WHATSAPP_ERROR");
    });

    it("says WHATSAPP_ERROR when it cannot be told who that is", async () => {
      world.simulator.faults.malformed(usync);
      assertRefused(await block(`number=${ana}`), 502, "WHATSAPP_ERROR");
    });
  });

  it("503: says DEVICE_NOT_READY of a device that is disconnected", async () => {
    await world.call("/disconnect", { method: "POST" });
    assertRefused(await block(`number=${ana}`), 503, "DEVICE_NOT_READY");
    assertRefused(await block(`jid=${lidOf(ana)}`), 503, "DEVICE_NOT_READY");
  });
});

describe("POST /contacts/block when WhatsApp has half a second to answer", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_WHATSAPP_TIMEOUT_MS: "500" });
    for (const phone of [owner, ana, bia]) world.simulator.addAccount({ phone });
    await world.pairedDevice(owner);
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const block = (number: string) => world.call(`/contacts/block?number=${number}`, { method: "POST" });

  it("504: counts both queries against one deadline", async () => {
    for (const kind of [usync, change]) world.simulator.faults.latency(400, kind);
    assertRefused(await block(bia), 504, "WHATSAPP_TIMEOUT");
  });
});

describe("POST /contacts/block by a device that lets no query wait", () => {
  it("503: says DEVICE_BUSY to who would have to wait behind too many", async (t) => {
    const answer = await whileBusy(
      t,
      [owner, ana, bia],
      (there) => there.call(`/contacts/block?number=${ana}`, { method: "POST" }),
      (there) => there.call(`/contacts/block?number=${bia}`, { method: "POST" }),
    );
    assertRefused(answer, 503, "DEVICE_BUSY");
  });
});
