import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("POST /devices", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "2048" });
  });
  afterAll(() => world.stop());

  const create = (body: unknown) => world.call("/devices", { method: "POST", body });

  describe("201", () => {
    it("answers the new device, which is unpaired", async () => {
      const device = dataOf(await create({ name: "Reception" }), 201);
      assert.deepEqual(device, {
        id: textAt(device, "id"),
        user_id: textAt(device, "user_id"),
        name: "Reception",
        state: "unpaired",
        connected: false,
        jid: null,
        lid: null,
        phone_number: null,
        picture_pace_per_minute: null,
        last_activity_at: null,
        created_at: textAt(device, "created_at"),
        updated_at: textAt(device, "created_at"),
      });
      assert.deepEqual(dataOf(await world.call(`/devices/${textAt(device, "id")}`)), device);
    });

    it("takes a pace of its own", async () => {
      for (const picture_pace_per_minute of [60, null]) {
        const device = dataOf(await create({ name: "Reception", picture_pace_per_minute }), 201);
        assert.equal(at(device, "picture_pace_per_minute"), picture_pace_per_minute);
        assert.deepEqual(dataOf(await world.call(`/devices/${textAt(device, "id")}`)), device);
      }
    });

    for (const name of ["x", "Рецепция 🛎", "a".repeat(100), " padded "]) {
      it(`takes the name "${name.slice(0, 20)}" as it is`, async () => {
        assert.equal(textAt(dataOf(await create({ name }), 201), "name"), name);
      });
    }
  });

  describe("400", () => {
    for (const [what, name] of [
      ["blank", "   "],
      ["empty", ""],
      ["too long", "a".repeat(101)],
      ["with a control character", "a\u0000b"],
      ["with a line break", "a\nb"],
      ["a number", 5],
      ["null", null],
    ] as const) {
      it(`refuses a name that is ${what}`, async () => assertInvalid(await create({ name }), "name"));
    }

    it("refuses a body without a name", async () => assertInvalid(await create({}), "name"));

    it("refuses a field that the contract does not know", async () => {
      assertInvalid(await create({ name: "x", state: "connected" }), "state");
    });

    it("refuses a pace that is none", async () => {
      for (const picture_pace_per_minute of [0, 60_001, 1.5, "60"])
        assertInvalid(await create({ name: "x", picture_pace_per_minute }), "picture_pace_per_minute");
    });

    it("refuses a body that is no object", async () => assertInvalid(await create([]), "body"));

    it("refuses a body that is no JSON", async () => assertInvalid(await create("{"), "body"));
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      const answer = await world.call("/devices", { method: "POST", body: { name: "x" }, token: null });
      assertRefused(answer, 401, "UNAUTHORIZED");
    });
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE, with the size that is taken", async () => {
      const answer = await create({ name: "x".repeat(3_000) });
      assertRefused(answer, 413, "PAYLOAD_TOO_LARGE");
      assert.match(textAt(answer.body, "error"), /2048/);
    });
  });

  describe("415", () => {
    for (const type of ["text/plain", "application/xml", "application/x-www-form-urlencoded"]) {
      it(`says UNSUPPORTED_MEDIA_TYPE for ${type}`, async () => {
        const headers = { "content-type": type };
        const answer = await world.call("/devices", { method: "POST", body: "name=x", headers });
        assertRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
      });
    }
  });
});
