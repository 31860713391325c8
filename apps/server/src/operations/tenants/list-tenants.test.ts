import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, pagesOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import { masterToken, onlyForTheMaster, withMaster } from "../../test-support/worlds/master.ts";

describe("GET /tenants", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(withMaster);
  });
  afterAll(() => world.stop());

  const list = (query: string) => world.call(`/tenants?${query}`, { token: masterToken });

  describe("200", () => {
    it("answers every tenant once, oldest first, page by page", async () => {
      const added = [
        await world.addTenant(),
        await world.addTenant(),
        await world.addTenant(),
        await world.addTenant(),
      ];
      const pages = await pagesOf(list, 2);
      assert.deepEqual(
        pages.map((page) => page.length),
        [2, 2, 1],
      );
      const ids = pages.flat().map((tenant) => textAt(tenant, "id"));
      assert.deepEqual(ids.slice(1).sort(), added.sort());
      const places = pages.flat().map((item) => `${textAt(item, "created_at")} ${textAt(item, "id")}`);
      assert.deepEqual(places, places.toSorted());
    });
  });

  describe("400", () => {
    it("refuses a limit that is no number", async () => assertInvalid(await list("limit=many"), "limit"));
  });

  onlyForTheMaster(() => world, "/tenants");
});
