import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, listAt, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import { masterToken, onlyForTheMaster, withMaster } from "../../test-support/worlds/master.ts";

const tenant = { tenant_name: "Refused Ltda", email: "admin@example.com" };

describe("POST /register", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ ...withMaster, WUTS_BODY_LIMIT_BYTES: "2048" });
  });
  afterAll(() => world.stop());

  const register = (body: unknown, token = masterToken) =>
    world.call("/register", { method: "POST", body, token });

  describe("201", () => {
    it("makes a tenant with an admin, whose token works at once, and who sees nothing of other tenants", async () => {
      const data = dataOf(await register({ ...tenant, tenant_name: "Example Ltda" }), 201);
      const token = textAt(data, "token");
      assert.partialDeepStrictEqual(data, {
        tenant: { name: "Example Ltda" },
        user: { role: "admin", email: "admin@example.com", active: true },
      });
      const me = dataOf(await world.call("/me", { token }));
      assert.deepEqual(at(me, "user"), at(data, "user"));
      assert.deepEqual(at(me, "tenant"), { id: at(data, "tenant", "id"), name: "Example Ltda" });
      assert.equal(listAt(dataOf(await world.call("/users", { token })), "items").length, 1);
      const stored = JSON.stringify([
        ...(await world.rows("select * from users")),
        ...(await world.rows("select * from audit")),
      ]);
      assert.ok(!stored.includes(token.slice(4)));
    });

    it("begins the tenant's audit trail", async () => {
      const data = dataOf(await register({ ...tenant, tenant_name: "Noted Ltda" }), 201);
      const token = textAt(data, "token");
      const items = listAt(dataOf(await world.call("/audit", { token })), "items");
      assert.deepEqual(items.map((item) => at(item, "action")).sort(), [
        "tenant.registered",
        "token.created",
        "user.created",
      ]);
      for (const item of items)
        assert.deepEqual(at(item, "actor"), {
          type: "master",
          user_id: null,
          by_user_id: null,
          token_id: null,
        });
    });
  });

  describe("400", () => {
    for (const [field, value] of [
      ["tenant_name", " "],
      ["email", "nobody"],
      ["password", "correct horse battery"],
      ["role", "admin"],
      ["webhook_url", "https://example.com"],
    ] as const) {
      it(`refuses ${field}: ${value}`, async () => {
        assertInvalid(await register({ ...tenant, [field]: value }), field);
      });
    }
  });

  onlyForTheMaster(() => world, "/register", { method: "POST", body: tenant });

  describe("409", () => {
    it("says TENANT_EXISTS for a name that is taken, and adds no user", async () => {
      const users = (await world.rows("select id from users")).length;
      assertRefused(await register({ ...tenant, tenant_name: "First tenant" }), 409, "TENANT_EXISTS");
      assert.equal((await world.rows("select id from users")).length, users);
    });

    it("gives a name to one only of two who ask at once", async () => {
      const body = { ...tenant, tenant_name: "Twice Ltda" };
      const answers = await Promise.all([register(body), register(body)]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409]);
    });
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE", async () => {
      assertRefused(await register({ ...tenant, tenant_name: "x".repeat(3_000) }), 413, "PAYLOAD_TOO_LARGE");
    });
  });

  describe("415", () => {
    it("says UNSUPPORTED_MEDIA_TYPE for what is no JSON", async () => {
      const headers = { "content-type": "text/plain" };
      const options = { method: "POST", body: "x", headers, token: masterToken };
      assertRefused(await world.call("/register", options), 415, "UNSUPPORTED_MEDIA_TYPE");
    });
  });
});
