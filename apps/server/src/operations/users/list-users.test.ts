import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import {
  assertInvalid,
  assertRefused,
  at,
  dataOf,
  listAt,
  pagesOf,
  textAt,
} from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("GET /users", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  describe("200", () => {
    it("answers every user of the tenant once, oldest first, page by page", async () => {
      const tenant = await world.addTenant();
      const admin = await world.addPerson("admin", tenant);
      for (const role of ["user", "manager", "user", "user"] as const) await world.addPerson(role, tenant);
      const pages = await pagesOf((query) => world.call(`/users?${query}`, { token: admin.token }), 2);
      assert.deepEqual(
        pages.map((page) => page.length),
        [2, 2, 1],
      );
      const seen = pages.flat().map((user) => `${textAt(user, "created_at")} ${textAt(user, "id")}`);
      assert.deepEqual(seen, seen.toSorted());
      assert.equal(new Set(seen).size, 5);
      assert.ok(pages.flat().every((user) => at(user, "tenant_id") === tenant));
    });

    it("is for managers too, and shows no tokens", async () => {
      const answer = await world.call("/users", { token: await world.addUser("manager") });
      const [user] = listAt(dataOf(answer), "items");
      assert.deepEqual(Object.keys(user ?? {}).sort(), [
        "active",
        "created_at",
        "email",
        "id",
        "role",
        "tenant_id",
        "updated_at",
      ]);
    });
  });

  describe("400", () => {
    it("refuses a limit and a cursor that the contract does not take", async () => {
      assertInvalid(await world.call("/users?limit=0"), "limit");
      assertInvalid(await world.call("/users?cursor=!"), "cursor");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await world.call("/users", { token: null }), 401, "UNAUTHORIZED");
    });
  });

  describe("403", () => {
    it("refuses who is no manager", async () => {
      assertRefused(await world.call("/users", { token: await world.addUser("user") }), 403, "FORBIDDEN");
    });
  });
});
