import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, listAt, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("GET /devices", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const idsOf = (page: unknown) => listAt(page, "items").map((item) => textAt(item, "id"));

  describe("200", () => {
    it("answers an empty page to who has none", async () => {
      assert.deepEqual(dataOf(await world.call("/devices")), { items: [], next_cursor: null });
    });

    it("answers every device once, oldest first, page by page", async () => {
      const token = await world.addUser();
      const created: string[] = [];
      for (const name of ["A", "B", "C", "D", "E"]) created.push(await world.createDevice(name, token));
      // Two of the same moment are told apart by their ids.
      await world.write(
        "update devices set created_at = (select min(created_at) from devices where id = ?) where id = ?",
        created[2] ?? "",
        created[3] ?? "",
      );
      created.splice(2, 2, ...[created[2] ?? "", created[3] ?? ""].sort());

      const seen: string[] = [];
      let query = "limit=2";
      for (const expected of [2, 2, 1]) {
        const page = dataOf(await world.call(`/devices?${query}`, { token }));
        assert.equal(idsOf(page).length, expected);
        seen.push(...idsOf(page));
        if (expected === 1) assert.equal(at(page, "next_cursor"), null);
        else query = `limit=2&cursor=${textAt(page, "next_cursor")}`;
      }
      assert.deepEqual(seen, created);
    });

    it("says that a full page is the last one when nothing follows", async () => {
      const token = await world.addUser();
      for (const name of ["A", "B"]) await world.createDevice(name, token);
      assert.equal(at(dataOf(await world.call("/devices?limit=2", { token })), "next_cursor"), null);
    });

    it("answers nothing of other callers", async () => {
      const id = await world.createDevice("Mine");
      assert.ok(idsOf(dataOf(await world.call("/devices"))).includes(id));
      assert.deepEqual(idsOf(dataOf(await world.call("/devices", { token: await world.addUser() }))), []);
    });
  });

  describe("400", () => {
    for (const name of ["[", "[limit]", "%5Blimit%5D"]) {
      it(`refuses a parameter named ${name}`, async () => {
        assertInvalid(await world.call(`/devices?${name}=5`), decodeURIComponent(name));
      });
    }

    for (const cursor of ["!", "", "a".repeat(201)]) {
      it(`refuses cursor=${cursor.slice(0, 20)}`, async () => {
        assertInvalid(await world.call(`/devices?cursor=${encodeURIComponent(cursor)}`), "cursor");
      });
    }

    for (const limit of [
      "0",
      "101",
      "1.5",
      "many",
      "",
      "1e400",
      "9".repeat(400),
      "0x10",
      "%2010",
      "010",
      "%20",
    ]) {
      it(`refuses limit=${limit.slice(0, 20)}`, async () => {
        assertInvalid(await world.call(`/devices?limit=${limit}`), "limit");
      });
    }
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await world.call("/devices", { token: null }), 401, "UNAUTHORIZED");
    });
  });
});
