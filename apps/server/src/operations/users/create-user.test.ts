import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("POST /users", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "2048" });
  });
  afterAll(() => world.stop());

  let count = 0;
  const newUser = (changes: object = {}) => {
    count += 1;
    return { email: `user${count}@example.com`, role: "user", ...changes };
  };
  const create = (body: unknown, token = world.token) =>
    world.call("/users", { method: "POST", body, token });

  describe("201", () => {
    for (const role of ["user", "manager", "admin"]) {
      it(`makes a user with the role ${role}, whose token works at once`, async () => {
        const data = dataOf(await create(newUser({ role })), 201);
        assert.partialDeepStrictEqual(at(data, "user"), {
          email: `user${count}@example.com`,
          role,
          active: true,
        });
        const me = dataOf(await world.call("/me", { token: textAt(data, "token") }));
        assert.deepEqual(at(me, "user"), at(data, "user"));
      });
    }

    it("takes an address that a user of another tenant has", async () => {
      const body = newUser();
      dataOf(await create(body), 201);
      const { token } = await world.addPerson("admin", await world.addTenant());
      dataOf(await create(body, token), 201);
    });

    it("is noted in the audit trail, with the token and without the address", async () => {
      const data = dataOf(await create(newUser({ role: "manager" })), 201);
      const id = textAt(data, "user", "id");
      const rows = await world.rows(
        "select action, actor_kind, details from audit where target_id = ? or details like ? order by action",
        id,
        `%${id}%`,
      );
      assert.deepEqual(
        rows.map((row) => ({ ...Object(row) })),
        [
          {
            action: "token.created",
            actor_kind: "user",
            details: `{"user_id":"${id}","name":"First token"}`,
          },
          { action: "user.created", actor_kind: "user", details: '{"role":"manager"}' },
        ],
      );
    });
  });

  describe("400", () => {
    for (const [field, value] of [
      ["email", "nobody"],
      ["email", `${"a".repeat(250)}@example.com`],
      ["password", "correct horse battery"],
      ["role", "owner"],
      ["role", "master"],
      ["webhook_url", "https://example.com/"],
      ["active", false],
      ["tenant_id", "c2a4e6f8-1b3d-4f5a-8c7e-9d0b1a2c3e4f"],
    ] as const) {
      it(`refuses ${field}: ${String(value).slice(0, 20)}`, async () => {
        assertInvalid(await create(newUser({ [field]: value })), field);
      });
    }

    it("refuses a body without what is required", async () => {
      assertInvalid(await create({}), "email", "role");
    });
  });

  describe("401", () => {
    it("refuses who has no token", async () => {
      assertRefused(
        await world.call("/users", { method: "POST", body: newUser(), token: null }),
        401,
        "UNAUTHORIZED",
      );
    });
  });

  describe("403", () => {
    for (const role of ["user", "manager"] as const) {
      it(`refuses a ${role}, and makes no user`, async () => {
        const before = (await world.rows("select id from users")).length;
        const token = await world.addUser(role);
        assertRefused(await create(newUser(), token), 403, "FORBIDDEN");
        assert.equal((await world.rows("select id from users")).length, before + 1);
      });
    }
  });

  describe("409", () => {
    it("says EMAIL_TAKEN, in whatever case the address is", async () => {
      const body = newUser();
      dataOf(await create(body), 201);
      assertRefused(await create(newUser({ email: body.email.toUpperCase() })), 409, "EMAIL_TAKEN");
    });

    it("gives an address to one only of two who ask at once", async () => {
      const body = newUser();
      const answers = await Promise.all([create(body), create(body)]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
    });
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE", async () => {
      assertRefused(await create(newUser({ email: "a".repeat(3_000) })), 413, "PAYLOAD_TOO_LARGE");
    });
  });

  describe("415", () => {
    it("says UNSUPPORTED_MEDIA_TYPE for what is no JSON", async () => {
      const headers = { "content-type": "text/plain" };
      const answer = await world.call("/users", { method: "POST", body: "x", headers });
      assertRefused(answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    });
  });
});
