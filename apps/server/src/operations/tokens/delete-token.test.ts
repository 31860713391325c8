import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { type Person, startWorld, type World } from "../../test-support/world.ts";

describe("DELETE /users/{user_id}/tokens/{token_id}", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const remove = (id: string, tokenId: string, token: string | null = world.token) =>
    world.call(`/users/${id}/tokens/${tokenId}`, { method: "DELETE", token });
  const tokenIdOf = async ({ token }: Person) =>
    textAt(dataOf(await world.call("/me", { token })), "token", "id");

  describe("200", () => {
    it("ends a token at once, and no other", async () => {
      const person = await world.addPerson();
      const made = dataOf(
        await world.call(`/users/${person.id}/tokens`, {
          method: "POST",
          body: { name: "CI" },
          token: person.token,
        }),
        201,
      );
      const tokenId = textAt(made, "id");
      dataOf(await world.call("/devices", { token: textAt(made, "token") }));
      assert.deepEqual(dataOf(await remove(person.id, tokenId, person.token)), {
        token_id: tokenId,
        deleted: true,
      });
      assertRefused(await world.call("/devices", { token: textAt(made, "token") }), 401, "UNAUTHORIZED");
      dataOf(await world.call("/devices", { token: person.token }));
      const [row] = await world.rows(
        "select details from audit where action = 'token.deleted' and target_id = ?",
        tokenId,
      );
      assert.equal(at(row, "details"), JSON.stringify({ user_id: person.id, name: "CI" }));
    });

    it("ends the very token that it is sent with", async () => {
      const person = await world.addPerson();
      dataOf(await remove(person.id, await tokenIdOf(person), person.token));
      assertRefused(await world.call("/devices", { token: person.token }), 401, "UNAUTHORIZED");
    });

    it("lets an admin end those of others", async () => {
      const person = await world.addPerson("admin");
      dataOf(await remove(person.id, await tokenIdOf(person)));
      assertRefused(await world.call("/devices", { token: person.token }), 401, "UNAUTHORIZED");
    });
  });

  describe("400", () => {
    it("refuses ids that are no UUIDs", async () => {
      assertInvalid(await remove("me", "this"), "user_id", "token_id");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await remove(randomUUID(), randomUUID(), null), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says TOKEN_NOT_FOUND for an unknown token, and for another user's, which stays", async () => {
      const [person, other] = [await world.addPerson(), await world.addPerson()];
      assertRefused(await remove(person.id, randomUUID(), person.token), 404, "TOKEN_NOT_FOUND");
      assertRefused(await remove(person.id, await tokenIdOf(other), person.token), 404, "TOKEN_NOT_FOUND");
      dataOf(await world.call("/devices", { token: other.token }));
    });

    it("says USER_NOT_FOUND for unknown users, another tenant's, and for other users to a caller who is no admin", async () => {
      const elsewhere = await world.addPerson("user", await world.addTenant());
      const colleague = await world.addPerson();
      assertRefused(await remove(randomUUID(), await tokenIdOf(colleague)), 404, "USER_NOT_FOUND");
      assertRefused(await remove(elsewhere.id, await tokenIdOf(elsewhere)), 404, "USER_NOT_FOUND");
      for (const role of ["user", "manager"] as const) {
        const answer = await remove(colleague.id, await tokenIdOf(colleague), await world.addUser(role));
        assertRefused(answer, 404, "USER_NOT_FOUND");
      }
      for (const { token } of [elsewhere, colleague]) dataOf(await world.call("/devices", { token }));
    });
  });
});
