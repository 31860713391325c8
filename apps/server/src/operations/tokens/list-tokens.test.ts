import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, pagesOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("GET /users/{user_id}/tokens", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const list = (id: string, token: string | null = world.token, query = "") =>
    world.call(`/users/${id}/tokens?${query}`, { token });

  describe("200", () => {
    it("answers each token once, oldest first, page by page, expired ones too", async () => {
      const { id, token } = await world.addPerson();
      for (const name of ["A", "B", "C", "D"]) {
        const body = { name, expires_in: 60 };
        dataOf(await world.call(`/users/${id}/tokens`, { method: "POST", body, token }), 201);
      }
      await world.write("update tokens set expires_at = '2026-01-01T00:00:00.000Z' where name = 'A'");
      const pages = await pagesOf((query) => list(id, token, query), 2);
      assert.deepEqual(
        pages.map((page) => page.length),
        [2, 2, 1],
      );
      assert.deepEqual(
        pages
          .flat()
          .map((item) => textAt(item, "name"))
          .sort(),
        ["A", "B", "C", "D", "test"],
      );
      const places = pages.flat().map((item) => `${textAt(item, "created_at")} ${textAt(item, "id")}`);
      assert.deepEqual(places, places.toSorted());
    });

    it("answers an admin what others have, and to no caller a token or its hash", async () => {
      const { id, token } = await world.addPerson();
      const made = dataOf(
        await world.call(`/users/${id}/tokens`, { method: "POST", body: { name: "CI" }, token }),
        201,
      );
      const { body } = await list(id);
      const { token: secret, ...shown } = Object(made);
      assert.deepEqual(at(body, "data", "items", 1), shown);
      assert.ok(!JSON.stringify(body).includes(String(secret).slice(4)));
      assert.deepEqual(Object.keys(shown).sort(), [
        "created_at",
        "expires_at",
        "first_characters",
        "id",
        "last_used_at",
        "name",
        "parent_id",
      ]);
    });
  });

  describe("400", () => {
    it("refuses an id that is no UUID", async () => assertInvalid(await list("me"), "user_id"));
    it("refuses a limit that is too large", async () => {
      assertInvalid(await list(randomUUID(), world.token, "limit=101"), "limit");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await list(randomUUID(), null), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says USER_NOT_FOUND for unknown users, another tenant's, and for other users to a caller who is no admin", async () => {
      assertRefused(await list(randomUUID()), 404, "USER_NOT_FOUND");
      assertRefused(
        await list((await world.addPerson("user", await world.addTenant())).id),
        404,
        "USER_NOT_FOUND",
      );
      for (const role of ["user", "manager"] as const) {
        assertRefused(
          await list((await world.addPerson()).id, await world.addUser(role)),
          404,
          "USER_NOT_FOUND",
        );
      }
    });
  });
});
