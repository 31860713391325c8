import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, dataOf } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("GET /users/{user_id}", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  describe("200", () => {
    it("answers a user of the tenant to a manager, and each user to themselves", async () => {
      const person = await world.addPerson("user");
      for (const token of [await world.addUser("manager"), person.token]) {
        assert.partialDeepStrictEqual(dataOf(await world.call(`/users/${person.id}`, { token })), {
          id: person.id,
          role: "user",
          active: true,
          email: null,
        });
      }
    });
  });

  describe("400", () => {
    it("refuses an id that is no UUID", async () => {
      assertInvalid(await world.call("/users/me"), "user_id");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await world.call(`/users/${randomUUID()}`, { token: null }), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says USER_NOT_FOUND for an unknown user, another tenant's, and to a user for anybody else", async () => {
      const elsewhere = await world.addPerson("user", await world.addTenant());
      assertRefused(await world.call(`/users/${randomUUID()}`), 404, "USER_NOT_FOUND");
      assertRefused(await world.call(`/users/${elsewhere.id}`), 404, "USER_NOT_FOUND");
      const colleague = await world.addPerson("user");
      const token = await world.addUser("user");
      assertRefused(await world.call(`/users/${colleague.id}`, { token }), 404, "USER_NOT_FOUND");
    });
  });
});
