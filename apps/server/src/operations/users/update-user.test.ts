import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("PATCH /users/{user_id}", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "2048" });
  });
  afterAll(() => world.stop());

  const update = (id: string, body: unknown, token: string | null = world.token) =>
    world.call(`/users/${id}`, { method: "PATCH", body, token });
  const entries = async (id: string) =>
    (await world.rows("select action, details from audit where target_id = ?", id)).map((row) => ({
      ...Object(row),
    }));

  describe("200", () => {
    it("disables a user, whose token stops working at once, and enables them again", async () => {
      const person = await world.addPerson();
      dataOf(await world.call("/devices", { token: person.token }));
      assert.equal(at(dataOf(await update(person.id, { active: false })), "active"), false);
      assertRefused(await world.call("/devices", { token: person.token }), 401, "UNAUTHORIZED");
      assert.equal(at(dataOf(await update(person.id, { active: true })), "active"), true);
      dataOf(await world.call("/devices", { token: person.token }));
    });

    it("changes the role, which counts at once, and leaves what is not given", async () => {
      const person = await world.addPerson("user");
      assertRefused(await world.call("/users", { token: person.token }), 403, "FORBIDDEN");
      const user = dataOf(await update(person.id, { role: "manager" }));
      assert.partialDeepStrictEqual(user, { role: "manager", active: true });
      assert.ok(textAt(user, "updated_at") >= textAt(user, "created_at"));
      dataOf(await world.call("/users", { token: person.token }));
      assert.partialDeepStrictEqual(dataOf(await update(person.id, { role: "user" })), {
        role: "user",
        active: true,
      });
      assertRefused(await world.call("/users", { token: person.token }), 403, "FORBIDDEN");
    });

    it("changes the role of a disabled user, who stays disabled, and both at once", async () => {
      const { id } = await world.addPerson("user");
      dataOf(await update(id, { active: false }));
      assert.partialDeepStrictEqual(dataOf(await update(id, { role: "manager" })), {
        role: "manager",
        active: false,
      });
      const both = { role: "user", active: true };
      assert.partialDeepStrictEqual(dataOf(await update(id, both)), both);
    });

    it("notes a change of the role alone without the other", async () => {
      const { id } = await world.addPerson("user");
      for (const role of ["user", "manager", "manager"]) dataOf(await update(id, { role }));
      assert.deepEqual(await entries(id), [
        { action: "user.updated", details: '{"old_role":"user","new_role":"manager"}' },
      ]);
    });

    it("is noted in the audit trail, but not when nothing was changed", async () => {
      const person = await world.addPerson("user");
      dataOf(await update(person.id, { role: "user", active: true }));
      assert.deepEqual(await entries(person.id), []);
      dataOf(await update(person.id, { role: "manager", active: false }));
      assert.deepEqual(await entries(person.id), [
        { action: "user.updated", details: '{"old_role":"user","new_role":"manager","active":false}' },
      ]);
    });
  });

  describe("400", () => {
    for (const [what, body, field] of [
      ["nothing", {}, "body"],
      ["an unknown role", { role: "owner" }, "role"],
      ["a number for a flag", { active: 0 }, "active"],
      ["what cannot be changed", { email: "x@example.com" }, "email"],
    ] as const) {
      it(`refuses ${what}`, async () => {
        assertInvalid(await update((await world.addPerson()).id, body), field);
      });
    }

    it("refuses an id that is no UUID, together with what else is wrong", async () => {
      assertInvalid(await update("me", { active: true }), "user_id");
      assertInvalid(await update("me", { role: "owner" }), "user_id", "role");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(await update(randomUUID(), { active: true }, null), 401, "UNAUTHORIZED");
    });
  });

  describe("403", () => {
    const refusedWith = async (text: RegExp, id: string, body: unknown, token: string) => {
      const before = await world.rows("select * from users where id = ?", id);
      const answer = await update(id, body, token);
      assertRefused(answer, 403, "FORBIDDEN");
      assert.match(textAt(answer.body, "error"), text);
      assert.deepEqual(await world.rows("select * from users where id = ?", id), before);
      assert.deepEqual(await entries(id), []);
    };

    it("refuses a caller who is no manager", async () => {
      await refusedWith(
        /your role/,
        (await world.addPerson()).id,
        { active: false },
        await world.addUser("user"),
      );
    });

    it("refuses a manager who would change an admin", async () => {
      const { id } = await world.addPerson("admin");
      await refusedWith(/with a higher role/, id, { role: "user" }, await world.addUser("manager"));
    });

    it("refuses a manager who would make an admin", async () => {
      await refusedWith(
        /above your own/,
        (await world.addPerson()).id,
        { role: "admin" },
        await world.addUser("manager"),
      );
    });

    for (const [what, role, body] of [
      ["disables", "admin", { active: false }],
      ["raises", "manager", { role: "admin" }],
      ["lowers", "admin", { role: "user" }],
      ["touches", "manager", { active: true }],
    ] as const) {
      it(`refuses a ${role} who ${what} themselves`, async () => {
        const { id, token } = await world.addPerson(role);
        await refusedWith(/yourself|above your own/, id, body, token);
      });
    }
  });

  describe("404", () => {
    it("says USER_NOT_FOUND for an unknown user, and for another tenant's, who stays", async () => {
      assertRefused(await update(randomUUID(), { active: false }), 404, "USER_NOT_FOUND");
      const elsewhere = await world.addPerson("user", await world.addTenant());
      assertRefused(await update(elsewhere.id, { active: false }), 404, "USER_NOT_FOUND");
      dataOf(await world.call("/devices", { token: elsewhere.token }));
    });
  });

  describe("409", () => {
    it("says LAST_ADMIN to the only active admin, and counts no other tenant's and no disabled one", async () => {
      const tenant = await world.addTenant();
      const { id, token } = await world.addPerson("admin", tenant);
      const other = await world.addPerson("admin", tenant);
      dataOf(await update(other.id, { active: false }, token));
      for (const body of [{ active: false }, { role: "manager" }]) {
        assertRefused(await update(id, body, token), 409, "LAST_ADMIN");
      }
      dataOf(await world.call("/users", { token }));
      dataOf(await update(other.id, { active: true }, token));
      dataOf(await update(id, { role: "manager" }, other.token));
    });
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE", async () => {
      const body = JSON.stringify({ active: true }).padEnd(3_000);
      assertRefused(await update((await world.addPerson()).id, body), 413, "PAYLOAD_TOO_LARGE");
    });
  });

  describe("415", () => {
    it("says UNSUPPORTED_MEDIA_TYPE for what is no JSON", async () => {
      const headers = { "content-type": "text/plain" };
      const options = { method: "PATCH", body: "x", headers };
      const answer = await world.call(`/users/${(await world.addPerson()).id}`, options);
      assertRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    });
  });
});
