import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import { masterToken, onlyForTheMaster, withMaster } from "../../test-support/worlds/master.ts";

describe("GET /tenants/{tenant_id}", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(withMaster);
  });
  afterAll(() => world.stop());

  const find = (id: string) => world.call(`/tenants/${id}`, { token: masterToken });

  describe("200", () => {
    it("answers the tenant", async () => {
      const id = textAt(dataOf(await world.call("/me")), "tenant", "id");
      assert.partialDeepStrictEqual(dataOf(await find(id)), { id, name: "First tenant" });
    });
  });

  describe("400", () => {
    it("refuses an id that is no UUID", async () => assertInvalid(await find("first"), "tenant_id"));
  });

  onlyForTheMaster(() => world, `/tenants/${randomUUID()}`);

  describe("404", () => {
    it("says TENANT_NOT_FOUND for an unknown tenant", async () => {
      assertRefused(await find(randomUUID()), 404, "TENANT_NOT_FOUND");
    });
  });
});
