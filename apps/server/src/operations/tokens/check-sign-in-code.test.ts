import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import {
  assertInvalid,
  assertRefused,
  assertRetryAfter,
  at,
  dataOf,
  textAt,
} from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("POST /sign-in/check", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "2048", WUTS_RATE_LIMIT_FAILED_AUTH: "0" });
  });
  afterAll(() => world.stop());

  const post = (path: string, code: unknown, where: World = world) =>
    where.call(path, { method: "POST", body: { code }, token: null });
  const check = (code: unknown, where?: World) => post("/sign-in/check", code, where);
  const signIn = (code: unknown) => post("/sign-in", code);
  const makeCode = async (id: string) =>
    dataOf(
      await world.call(`/users/${id}/sign-in-codes`, { method: "POST", body: { expires_in: 600 } }),
      201,
    );
  const codeFor = async (id: string) => textAt(await makeCode(id), "code");
  const nobodys = "A".repeat(43);

  describe("200", () => {
    it("tells whom the code is for and nothing else of them, as often as it is asked, and spends nothing", async () => {
      const email = "rita@example.com";
      const body = { email, password: "correct horse battery", role: "manager" };
      const id = textAt(dataOf(await world.call("/users", { method: "POST", body }), 201), "user", "id");
      const me = dataOf(await world.call("/me"));
      const made = await makeCode(id);
      const code = textAt(made, "code");
      const stored = () => world.rows("select id from tokens union all select id from audit");
      const before = await stored();
      for (let times = 0; times < 2; times += 1) {
        assert.deepEqual(dataOf(await check(code)), {
          user_id: id,
          email,
          role: "manager",
          tenant_name: textAt(me, "tenant", "name"),
          expires_at: at(made, "expires_at"),
        });
      }
      assert.deepEqual(await stored(), before);
      dataOf(await signIn(code), 201);
    });
  });

  describe("400", () => {
    for (const code of ["", "short", `${"A".repeat(42)}!`, "A".repeat(44), 1]) {
      it(`refuses the code ${JSON.stringify(code).slice(0, 12)}`, async () =>
        assertInvalid(await check(code), "code"));
    }
  });

  describe("404", () => {
    it("says SIGN_IN_CODE_NOT_FOUND for every code that signs nobody in", async () => {
      const [used, expired, disabled, gone] = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const { id } = await world.addPerson();
          return { id, code: await codeFor(id) };
        }),
      );
      assert.ok(used && expired && disabled && gone);
      dataOf(await signIn(used.code), 201);
      await world.write(
        "update sign_in_codes set expires_at = ? where user_id = ?",
        new Date().toISOString(),
        expired.id,
      );
      dataOf(await world.call(`/users/${disabled.id}`, { method: "PUT", body: { active: false } }));
      dataOf(await world.call(`/users/${gone.id}`, { method: "DELETE" }));
      for (const code of [nobodys, used.code, expired.code, disabled.code, gone.code]) {
        assertRefused(await check(code), 404, "SIGN_IN_CODE_NOT_FOUND");
      }
    });

    it("leaves the code of somebody disabled to the day that they are enabled again", async () => {
      const { id } = await world.addPerson();
      const code = await codeFor(id);
      const turn = (active: boolean) => world.call(`/users/${id}`, { method: "PUT", body: { active } });
      dataOf(await turn(false));
      assertRefused(await check(code), 404, "SIGN_IN_CODE_NOT_FOUND");
      dataOf(await turn(true));
      dataOf(await signIn(code), 201);
    });
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE", async () =>
      assertRefused(await check("x".repeat(3_000)), 413, "PAYLOAD_TOO_LARGE"));
  });

  describe("415", () => {
    it("says UNSUPPORTED_MEDIA_TYPE for what is no JSON", async () => {
      const headers = { "Content-Type": "text/plain" };
      const options = { method: "POST", headers, body: { code: nobodys }, token: null };
      assertRefused(await world.call("/sign-in/check", options), 415, "UNSUPPORTED_MEDIA_TYPE");
    });
  });

  describe("429", () => {
    it("says RATE_LIMITED to an address that guesses, by checking codes or by signing in", async (t) => {
      const limited = await startWorld({ WUTS_RATE_LIMIT_FAILED_AUTH: "2" });
      t.onTestFinished(() => limited.stop());
      assertRefused(await check(nobodys, limited), 404, "SIGN_IN_CODE_NOT_FOUND");
      assertRefused(await post("/sign-in", nobodys, limited), 404, "SIGN_IN_CODE_NOT_FOUND");
      const refused = await check(nobodys, limited);
      assertRefused(refused, 429, "RATE_LIMITED");
      assertRetryAfter(refused, 1, 60);
    });
  });
});
