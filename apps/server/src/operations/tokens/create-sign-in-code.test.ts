import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { maxCodes } from "../../accounts/repositories/sign-in-codes.repository.ts";
import { assertInvalid, assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("POST /users/{user_id}/sign-in-codes", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "2048", WUTS_RATE_LIMIT_FAILED_AUTH: "0" });
  });
  afterAll(() => world.stop());

  const create = (id: string, body: unknown = { expires_in: 600 }, token: string | null = world.token) =>
    world.call(`/users/${id}/sign-in-codes`, { method: "POST", body, token });
  const signIn = (code: string) => world.call("/sign-in", { method: "POST", body: { code }, token: null });

  describe("201", () => {
    it("makes a code for ten minutes, which is stored as a hash only", async () => {
      const { id, token } = await world.addPerson();
      const made = dataOf(await create(id, { expires_in: 600 }, token), 201);
      const code = textAt(made, "code");
      assert.equal(at(made, "user_id"), id);
      assert.ok(Math.abs(Date.parse(textAt(made, "expires_at")) - Date.now() - 600_000) < 5_000);
      for (const table of ["sign_in_codes", "audit"]) {
        assert.ok(!JSON.stringify(await world.rows(`select * from ${table}`)).includes(code), table);
      }
    });

    it("lets an admin make one for others, which is noted", async () => {
      const { id } = await world.addPerson();
      const code = textAt(dataOf(await create(id, { expires_in: 86_400 }), 201), "code");
      assert.equal(at(dataOf(await signIn(code), 201), "user", "id"), id);
      const rows = await world.rows(
        "select action, actor_id, details from audit where details like ? order by at",
        `%${id}%`,
      );
      assert.deepEqual(
        rows.map((row) => [at(row, "actor_id") === id, at(row, "details")]),
        [
          [false, JSON.stringify({ user_id: id, name: "Sign-in code" })],
          [true, JSON.stringify({ user_id: id, name: "Console" })],
        ],
      );
    });

    it("keeps the newest codes of a user, and forgets what has expired", async () => {
      const { id } = await world.addPerson();
      const codes: string[] = [];
      for (let made = 0; made <= maxCodes; made += 1) {
        codes.push(textAt(dataOf(await create(id), 201), "code"));
      }
      assertRefused(await signIn(codes[0] ?? ""), 404, "SIGN_IN_CODE_NOT_FOUND");
      dataOf(await signIn(codes.at(-1) ?? ""), 201);
      await world.write("update sign_in_codes set expires_at = ?", new Date().toISOString());
      await create((await world.addPerson()).id);
      assert.equal((await world.rows("select id from sign_in_codes")).length, 1);
    });
  });

  describe("400", () => {
    for (const value of [undefined, 59, 86_401, "600", 60.5]) {
      it(`refuses expires_in: ${value}`, async () => {
        assertInvalid(await create((await world.addPerson()).id, { expires_in: value }), "expires_in");
      });
    }
    it("refuses an id that is no UUID", async () => assertInvalid(await create("me"), "user_id"));
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await create(randomUUID(), undefined, null), 401, "UNAUTHORIZED");
    });
  });

  describe("404", () => {
    it("says USER_NOT_FOUND for unknown users, another tenant's, and for other users to a caller who is no admin", async () => {
      const elsewhere = await world.addPerson("user", await world.addTenant());
      const colleague = await world.addPerson();
      assertRefused(await create(randomUUID()), 404, "USER_NOT_FOUND");
      assertRefused(await create(elsewhere.id), 404, "USER_NOT_FOUND");
      for (const role of ["user", "manager"] as const) {
        assertRefused(
          await create(colleague.id, undefined, await world.addUser(role)),
          404,
          "USER_NOT_FOUND",
        );
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
      const headers = { "Content-Type": "text/plain" };
      const answer = await world.call(`/users/${randomUUID()}/sign-in-codes`, {
        method: "POST",
        headers,
        body: {},
      });
      assertRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    });
  });
});
