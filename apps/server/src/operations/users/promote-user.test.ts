import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, dataOf } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("POST /users/{user_id}/promote", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "2048" });
  });
  afterAll(() => world.stop());

  const promote = (id: string, new_role: unknown, token: string | null = world.token) =>
    world.call(`/users/${id}/promote`, { method: "POST", body: { new_role }, token });

  describe("200", () => {
    it("says the role before and now, up and down, and the role counts at once", async () => {
      const { id, token } = await world.addPerson("user");
      for (const [old_role, new_role, status] of [
        ["user", "manager", 200],
        ["manager", "user", 403],
      ] as const) {
        assert.deepEqual(dataOf(await promote(id, new_role)), { user_id: id, old_role, new_role });
        assert.equal((await world.call("/users", { token })).status, status);
      }
    });

    it("is noted in the audit trail, but not when the role stays", async () => {
      const { id } = await world.addPerson("user");
      for (const role of ["user", "manager", "manager"]) dataOf(await promote(id, role));
      assert.deepEqual(
        (await world.rows("select action, details from audit where target_id = ?", id)).map((row) => ({
          ...Object(row),
        })),
        [{ action: "user.promoted", details: '{"old_role":"user","new_role":"manager"}' }],
      );
    });
  });

  describe("400", () => {
    it("refuses an unknown role, and an id that is no UUID", async () => {
      assertInvalid(await promote("me", "owner"), "user_id", "new_role");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await promote(randomUUID(), "user", null), 401, "UNAUTHORIZED");
    });
  });

  describe("403", () => {
    it("refuses users, managers who would make admins, and each user for themselves", async () => {
      const target = await world.addPerson();
      const [manager, admin] = [await world.addPerson("manager"), await world.addPerson("admin")];
      assertRefused(await promote(target.id, "manager", await world.addUser("user")), 403, "FORBIDDEN");
      assertRefused(await promote(target.id, "admin", manager.token), 403, "FORBIDDEN");
      assertRefused(await promote(manager.id, "admin", manager.token), 403, "FORBIDDEN");
      assertRefused(await promote(admin.id, "user", admin.token), 403, "FORBIDDEN");
    });
  });

  describe("404", () => {
    it("says USER_NOT_FOUND for an unknown user, and for another tenant's", async () => {
      assertRefused(await promote(randomUUID(), "manager"), 404, "USER_NOT_FOUND");
      const elsewhere = await world.addPerson("user", await world.addTenant());
      assertRefused(await promote(elsewhere.id, "manager"), 404, "USER_NOT_FOUND");
      assertRefused(await world.call("/users", { token: elsewhere.token }), 403, "FORBIDDEN");
    });
  });

  describe("409", () => {
    it("says LAST_ADMIN to the only admin", async () => {
      const { id, token } = await world.addPerson("admin", await world.addTenant());
      assertRefused(await promote(id, "manager", token), 409, "LAST_ADMIN");
    });
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE", async () => {
      assertRefused(await promote((await world.addPerson()).id, "x".repeat(3_000)), 413, "PAYLOAD_TOO_LARGE");
    });
  });

  describe("415", () => {
    it("says UNSUPPORTED_MEDIA_TYPE for what is no JSON", async () => {
      const headers = { "content-type": "text/plain" };
      const options = { method: "POST", body: "x", headers };
      const answer = await world.call(`/users/${(await world.addPerson()).id}/promote`, options);
      assertRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    });
  });
});
