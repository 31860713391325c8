import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, type CallOptions, dataOf } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const bia = "5511888888888";
const change = "iq w:profile:picture set";

const ours = "120363039000000000@g.us";
const old = "5511900000000-1400000000@g.us";
const anas = "120363041000000000@g.us";
const others = "120363042000000000@g.us";
const none = "120363044000000000@g.us";

describe("POST and DELETE /groups/{jid}/picture", () => {
  let world: World;
  let device: string;
  let image = "";
  beforeAll(async () => {
    world = await startWorld({ WUTS_WHATSAPP_TIMEOUT_MS: "3000" });
    for (const phone of [owner, ana, bia]) world.simulator.addAccount({ phone });
    for (const [jid, participants] of [
      [ours, [owner, ana]],
      [old, [owner, ana]],
      [anas, [ana, owner]],
      [others, [ana, bia]],
    ] as const)
      world.simulator.addGroup({ jid, subject: "Group", participants });
    device = await world.pairedDevice(owner);
    const create = { width: 300, height: 200, channels: 3 as const, background: "red" };
    image = (await sharp({ create }).webp().toBuffer()).toString("base64");
  });
  beforeEach(() => {
    for (const jid of [ours, old, anas, others]) world.simulator.group(jid).setPicture({ id: "1700000039" });
    world.simulator.account(owner).setPicture({ id: "1600000000" });
    world.simulator.received.reset();
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const set = (jid: string, options: CallOptions = {}, query = "") =>
    world.call(`/groups/${jid}/picture${query}`, { method: "POST", body: { image }, ...options });
  const remove = (jid: string, options: CallOptions = {}, query = "") =>
    world.call(`/groups/${jid}/picture${query}`, { method: "DELETE", ...options });
  const pictureOf = (jid: string) => world.simulator.group(jid).picture;
  const asked = () => world.simulator.received.get(change);

  describe("200", () => {
    for (const [what, jid] of [
      ["a group", ours],
      ["a group of the old kind", old],
      ["a group whose JID is percent-encoded", ours.replace("@", "%40")],
    ] as const) {
      const named = decodeURIComponent(jid);
      it(`sets and removes the picture of ${what}, and leaves the account's own`, async () => {
        const answer = dataOf(await set(jid, {}, `?device_id=${device}`));
        assert.deepEqual(answer, { jid: named, picture_id: pictureOf(named)?.id });
        const bytes = pictureOf(named)?.image;
        assert.ok(bytes);
        const found = await sharp(bytes).metadata();
        assert.partialDeepStrictEqual(found, { format: "jpeg", width: 640, height: 640 });

        assert.deepEqual(dataOf(await remove(jid)), { jid: named, picture_id: null });
        assert.equal(pictureOf(named), undefined);
        assert.equal(world.simulator.account(owner).picture?.id, "1600000000");
        assert.equal(asked(), 2);
      });
    }

    it("sets it where none was, and shows it to those who ask", async () => {
      dataOf(await remove(ours));
      const id = at(dataOf(await set(ours)), "picture_id");
      assert.equal(at(dataOf(await world.call(`/contacts/profile-picture?jid=${ours}`)), "picture_id"), id);
    });
  });

  describe("400", () => {
    for (const jid of [`${ana}@s.whatsapp.net`, "112233445566778@lid", "group", "120363039000000000"]) {
      it(`refuses ${jid}, which is no group, and asks WhatsApp nothing`, async () => {
        assertInvalid(await set(jid), "jid");
        assertInvalid(await remove(jid), "jid");
        assert.equal(asked(), 0);
      });
    }

    it("refuses what is no picture", async () => {
      assertInvalid(await set(ours, { body: { image: "AAAA" } }), "image");
      assert.equal(asked(), 0);
    });
  });

  it("401: refuses who sends no token", async () => {
    assertRefused(await set(ours, { token: null }), 401, "UNAUTHORIZED");
    assertRefused(await remove(ours, { token: null }), 401, "UNAUTHORIZED");
  });

  it("403: says NOT_GROUP_ADMIN to who is in the group, but no admin, and changes nothing", async () => {
    assertRefused(await set(anas), 403, "NOT_GROUP_ADMIN");
    assertRefused(await remove(anas), 403, "NOT_GROUP_ADMIN");
    assert.equal(pictureOf(anas)?.id, "1700000039");
  });

  describe("404", () => {
    for (const [what, jid] of [
      ["a group of others", others],
      ["a group that is none", none],
    ] as const) {
      it(`says GROUP_NOT_FOUND of ${what}`, async () => {
        assertRefused(await set(jid), 404, "GROUP_NOT_FOUND");
        assertRefused(await remove(jid), 404, "GROUP_NOT_FOUND");
      });
    }

    it("says DEVICE_NOT_FOUND for a device that is not the caller's", async () => {
      const stranger = { token: await world.addUser() };
      for (const query of [`?device_id=${randomUUID()}`, `?device_id=${device}`]) {
        assertRefused(await set(ours, stranger, query), 404, "DEVICE_NOT_FOUND");
        assertRefused(await remove(ours, stranger, query), 404, "DEVICE_NOT_FOUND");
      }
      assert.equal(asked(), 0);
    });
  });

  it("409: says DEVICE_NOT_PAIRED of a new device, DEVICE_AMBIGUOUS of two", async () => {
    const token = await world.addUser();
    for (const code of ["DEVICE_NOT_PAIRED", "DEVICE_AMBIGUOUS"]) {
      await world.createDevice("New", token);
      assertRefused(await set(ours, { token }), 409, code);
      assertRefused(await remove(ours, { token }), 409, code);
    }
  });

  for (const [code, status, name] of [
    [429, 429, "WHATSAPP_RATE_LIMITED"],
    [406, 502, "WHATSAPP_ERROR"],
    [500, 502, "WHATSAPP_ERROR"],
  ] as const) {
    it(`${status}: says ${name} when WhatsApp says ${code}`, async () => {
      world.simulator.faults.answerError(change, code);
      assertRefused(await set(ours), status, name);
      assertRefused(await remove(ours), status, name);
    });
  }

  it("504: says WHATSAPP_TIMEOUT when WhatsApp says nothing", async () => {
    world.simulator.faults.silence(change);
    assertRefused(await remove(ours), 504, "WHATSAPP_TIMEOUT");
  });
});
