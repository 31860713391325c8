import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import {
  assertInvalid,
  assertRefused,
  assertRetryAfter,
  at,
  type CallOptions,
  dataOf,
  textAt,
} from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const change = "iq w:profile:picture set";
const jid = `${owner}@s.whatsapp.net`;
const limitBytes = 20_000;

const picture = sharp({ create: { width: 800, height: 500, channels: 3, background: "red" } });

describe("POST and DELETE /profile/picture", () => {
  let world: World;
  let device: string;
  let image = "";
  beforeAll(async () => {
    world = await startWorld({
      WUTS_RECONNECT_MIN_MS: "60000",
      WUTS_RECONNECT_MAX_MS: "60000",
      WUTS_PICTURE_LIMIT_BYTES: `${limitBytes}`,
      WUTS_WHATSAPP_TIMEOUT_MS: "3000",
    });
    for (const phone of [owner, ana]) world.simulator.addAccount({ phone });
    device = await world.pairedDevice(owner);
    image = (await picture.clone().jpeg().toBuffer()).toString("base64");
  });
  beforeEach(async () => {
    world.simulator.account(owner).setPicture(null);
    dataOf(await world.call("/connect", { method: "POST" }));
    world.simulator.received.reset();
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const set = (body: unknown, options: CallOptions = {}, query = "") =>
    world.call(`/profile/picture${query}`, { method: "POST", body, ...options });
  const remove = (options: CallOptions = {}, query = "") =>
    world.call(`/profile/picture${query}`, { method: "DELETE", ...options });
  const shown = () => world.simulator.account(owner).picture;
  const asked = () => world.simulator.received.get(change);

  describe("200", () => {
    for (const format of ["jpeg", "png", "webp"] as const) {
      it(`sets what is a ${format}, which the phone gets as a square JPEG`, async () => {
        const file = await picture.clone().toFormat(format).toBuffer();
        const answer = dataOf(await set({ image: file.toString("base64") }, {}, `?device_id=${device}`));
        assert.deepEqual(answer, { jid, picture_id: shown()?.id });
        const bytes = shown()?.image;
        assert.ok(bytes && bytes.length < 100_000);
        const found = await sharp(bytes).metadata();
        assert.partialDeepStrictEqual(found, { format: "jpeg", width: 640, height: 640 });
      });
    }

    it("replaces the one there is", async () => {
      const first = textAt(dataOf(await set({ image })), "picture_id");
      const second = textAt(dataOf(await set({ image })), "picture_id");
      assert.notEqual(second, first);
      assert.equal(shown()?.id, second);
      const found = dataOf(await world.call(`/contacts/profile-picture?number=${owner}`));
      assert.equal(at(found, "picture_id"), second);
    });

    it("sets it once for each of two who ask at once", async () => {
      world.simulator.faults.latency(300, change);
      const answers = await Promise.all([set({ image }), set({ image })]);
      const ids = answers.map((answer) => textAt(dataOf(answer), "picture_id"));
      assert.equal(new Set(ids).size, 2);
      assert.equal(asked(), 2);
    });

    it("removes the one there is, and leaves none where none is", async () => {
      dataOf(await set({ image }));
      for (let times = 0; times < 2; times += 1) {
        assert.deepEqual(dataOf(await remove()), { jid, picture_id: null });
        assert.equal(shown(), undefined);
      }
    });

    it("takes a body that is larger than others may be", async () => {
      const noise = Buffer.alloc(70 * 70 * 3).map((_byte, index) => (index * index * 31) % 251);
      const file = await sharp(noise, { raw: { width: 70, height: 70, channels: 3 } })
        .png()
        .toBuffer();
      const spaces = " ".repeat(102_400);
      dataOf(await set(`{"image":"${file.toString("base64")}"}${spaces}`));
      assertRefused(
        await world.call("/devices", { method: "POST", body: `{}${spaces}` }),
        413,
        "PAYLOAD_TOO_LARGE",
      );
    });
  });

  describe("400", () => {
    for (const [what, body, field] of [
      ["no picture", {}, "image"],
      ["no base64", { image: "not base64!" }, "image"],
      ["nothing", { image: "" }, "image"],
      ["a text", { image: Buffer.from("a text").toString("base64") }, "image"],
      ["another field", { image: "AAAA", colour: "red" }, "colour"],
    ] as const) {
      it(`refuses ${what}, and asks WhatsApp nothing`, async () => {
        assertInvalid(await set(body), field);
        assert.equal(asked(), 0);
      });
    }

    it("refuses a picture that is cut off", async () => {
      const cut = Buffer.from(image, "base64").subarray(0, -100).toString("base64");
      assertInvalid(await set({ image: cut }), "image");
      assert.equal(asked(), 0);
    });

    it("refuses what is not known of a removal", async () => {
      assertInvalid(await remove({}, "?colour=red"), "colour");
    });
  });

  it("401: refuses who sends no token", async () => {
    assertRefused(await set({ image }, { token: null }), 401, "UNAUTHORIZED");
    assertRefused(await remove({ token: null }), 401, "UNAUTHORIZED");
  });

  it("404: says DEVICE_NOT_FOUND for a device that is not the caller's", async () => {
    const stranger = { token: await world.addUser() };
    for (const query of [`?device_id=${randomUUID()}`, `?device_id=${device}`]) {
      assertRefused(await set({ image }, stranger, query), 404, "DEVICE_NOT_FOUND");
      assertRefused(await remove(stranger, query), 404, "DEVICE_NOT_FOUND");
    }
    assert.equal(asked(), 0);
  });

  it("409: says DEVICE_NOT_PAIRED of a new device, DEVICE_AMBIGUOUS of two", async () => {
    const token = await world.addUser();
    for (const code of ["DEVICE_NOT_PAIRED", "DEVICE_AMBIGUOUS"]) {
      await world.createDevice("New", token);
      assertRefused(await set({ image }, { token }), 409, code);
      assertRefused(await remove({ token }), 409, code);
    }
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE of a picture that is", async () => {
      const file = Buffer.concat([Buffer.from(image, "base64"), Buffer.alloc(limitBytes)]);
      assertRefused(await set({ image: file.toString("base64") }), 413, "PAYLOAD_TOO_LARGE");
    });

    it("says PAYLOAD_TOO_LARGE of a body, without reading it", async () => {
      assertRefused(await set({ image: "A".repeat(1_000_000) }), 413, "PAYLOAD_TOO_LARGE");
      assert.equal(asked(), 0);
    });
  });

  it("415: says UNSUPPORTED_MEDIA_TYPE of a picture as it is", async () => {
    const headers = { "content-type": "image/jpeg" };
    assertRefused(await set("picture", { headers }), 415, "UNSUPPORTED_MEDIA_TYPE");
  });

  it("429: says WHATSAPP_RATE_LIMITED when WhatsApp does", async () => {
    world.simulator.faults.answerError(change, 429);
    for (const answer of [await set({ image }), await remove()]) {
      assertRefused(answer, 429, "WHATSAPP_RATE_LIMITED");
      assertRetryAfter(answer, 1, 3600);
    }
  });

  describe("502", () => {
    it("says WHATSAPP_ERROR when WhatsApp refuses", async () => {
      for (const code of [401, 406, 500]) {
        world.simulator.faults.answerError(change, code);
        assertRefused(await set({ image }), 502, "WHATSAPP_ERROR");
        assertRefused(await remove(), 502, "WHATSAPP_ERROR");
        world.simulator.faults.reset();
      }
    });

    it("says WHATSAPP_ERROR when WhatsApp does not say which picture it is now", async () => {
      world.simulator.faults.malformed(change);
      assertRefused(await set({ image }), 502, "WHATSAPP_ERROR");
    });
  });

  it("503: says DEVICE_NOT_READY of a device that is disconnected", async () => {
    await world.call("/disconnect", { method: "POST" });
    // Nothing is done with a picture that cannot be sent.
    assertRefused(await set({ image: "AAAA" }), 503, "DEVICE_NOT_READY");
    assertRefused(await remove(), 503, "DEVICE_NOT_READY");
  });

  it("504: says WHATSAPP_TIMEOUT when WhatsApp says nothing", async () => {
    world.simulator.faults.silence(change);
    assertRefused(await remove(), 504, "WHATSAPP_TIMEOUT");
  });
});

describe("POST and DELETE /profile/picture with a limit of two requests for the device", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({});
    world.simulator.addAccount({ phone: owner });
    await world.pairedDevice(owner);
    await world.restartServer({ WUTS_RATE_LIMIT_DEVICE: "2" });
  });
  afterAll(() => world.stop());

  it("429: says RATE_LIMITED past it", async () => {
    dataOf(await world.call("/connect", { method: "POST" }));
    dataOf(await world.call("/profile/picture", { method: "DELETE" }));
    const answer = await world.call("/profile/picture", { method: "DELETE" });
    assertRefused(answer, 429, "RATE_LIMITED");
    assertRetryAfter(answer, 1, 60);
  });
});
