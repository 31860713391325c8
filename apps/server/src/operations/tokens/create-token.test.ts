import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("POST /users/{user_id}/tokens", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "2048" });
  });
  afterAll(() => world.stop());

  const create = (id: string, body: unknown, token: string | null = world.token) =>
    world.call(`/users/${id}/tokens`, { method: "POST", body, token });

  describe("201", () => {
    it("makes another token, which works at once and is stored as a hash only", async () => {
      const { id, token } = await world.addPerson();
      const made = dataOf(await create(id, { name: "CI" }, token), 201);
      const secret = textAt(made, "token");
      assert.match(secret, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.partialDeepStrictEqual(made, {
        name: "CI",
        first_characters: secret.slice(0, 4),
        last_used_at: null,
        expires_at: null,
      });
      const me = dataOf(await world.call("/me", { token: secret }));
      assert.equal(at(me, "user", "id"), id);
      assert.equal(at(me, "token", "id"), at(made, "id"));
      for (const table of ["tokens", "audit"]) {
        assert.ok(
          !JSON.stringify(await world.rows(`select * from ${table}`)).includes(secret.slice(4)),
          table,
        );
      }
    });

    it("says when the token expires", async () => {
      const { id, token } = await world.addPerson();
      const made = dataOf(await create(id, { name: "CI", expires_in: 60 }, token), 201);
      const [createdAt, expiresAt] = [textAt(made, "created_at"), textAt(made, "expires_at")].map(Date.parse);
      assert.ok(Math.abs((expiresAt ?? 0) - (createdAt ?? 0) - 60_000) < 5_000);
      dataOf(await world.call("/me", { token: textAt(made, "token") }));
    });

    it("is no longer known when it is expired, and what was found before changes nothing", async () => {
      const { id, token } = await world.addPerson();
      const secret = textAt(dataOf(await create(id, { name: "CI", expires_in: 60 }, token), 201), "token");
      dataOf(await world.call("/me", { token: secret }));
      await world.write(
        "update tokens set expires_at = ? where name = 'CI' and user_id = ?",
        new Date().toISOString(),
        id,
      );
      assertRefused(await world.call("/me", { token: secret }), 401, "UNAUTHORIZED");
    });

    it("lets an admin make one for others, which is noted", async () => {
      const { id } = await world.addPerson();
      const made = dataOf(await create(id, { name: "For you" }), 201);
      assert.equal(at(dataOf(await world.call("/me", { token: textAt(made, "token") })), "user", "id"), id);
      const [row] = await world.rows(
        "select action, details from audit where target_id = ?",
        textAt(made, "id"),
      );
      assert.deepEqual(
        { ...Object(row) },
        {
          action: "token.created",
          details: JSON.stringify({ user_id: id, name: "For you" }),
        },
      );
    });
  });

  describe("400", () => {
    for (const [field, value] of [
      ["name", ""],
      ["name", "a".repeat(101)],
      ["expires_in", 59],
      ["expires_in", 315_360_001],
      ["expires_in", 60.5],
      ["token", "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d"],
    ] as const) {
      it(`refuses ${field}: ${String(value).slice(0, 20)}`, async () => {
        assertInvalid(await create((await world.addPerson()).id, { name: "CI", [field]: value }), field);
      });
    }
    it("refuses an id that is no UUID", async () =>
      assertInvalid(await create("me", { name: "CI" }), "user_id"));
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await create(randomUUID(), { name: "CI" }, null), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says USER_NOT_FOUND for unknown users, another tenant's, and for other users to a caller who is no admin", async () => {
      const elsewhere = await world.addPerson("user", await world.addTenant());
      const colleague = await world.addPerson();
      assertRefused(await create(randomUUID(), { name: "CI" }), 404, "USER_NOT_FOUND");
      assertRefused(await create(elsewhere.id, { name: "CI" }), 404, "USER_NOT_FOUND");
      for (const role of ["user", "manager"] as const) {
        const answer = await create(colleague.id, { name: "CI" }, await world.addUser(role));
        assertRefused(answer, 404, "USER_NOT_FOUND");
      }
      for (const { id } of [elsewhere, colleague]) {
        assert.equal((await world.rows("select id from tokens where user_id = ?", id)).length, 1);
      }
    });
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE", async () => {
      assertRefused(await create(randomUUID(), { name: "x".repeat(3_000) }), 413, "PAYLOAD_TOO_LARGE");
    });
  });

  describe("415", () => {
    it("says UNSUPPORTED_MEDIA_TYPE for what is no JSON", async () => {
      const headers = { "content-type": "text/plain" };
      const answer = await world.call(`/users/${randomUUID()}/tokens`, {
        method: "POST",
        body: "x",
        headers,
      });
      assertRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    });
  });
});
