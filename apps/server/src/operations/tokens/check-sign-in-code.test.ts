import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertRefused, assertRetryAfter, at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import {
  codeFor,
  describeBadCodes,
  makeCode,
  sendCode,
  unknownCode,
} from "../../test-support/worlds/sign-in-codes.ts";

describe("POST /sign-in/check", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "2048", WUTS_RATE_LIMIT_FAILED_AUTH: "0" });
  });
  afterAll(() => world.stop());

  const check = (code: unknown, where: World = world) => sendCode(where, "/sign-in/check", code);
  const signIn = (code: unknown, where: World = world) => sendCode(where, "/sign-in", code);

  describe("200", () => {
    it("tells whom the code is for and nothing else of them, as often as it is asked, and spends nothing", async () => {
      const email = "rita@example.com";
      const body = { email, role: "manager" };
      const id = textAt(dataOf(await world.call("/users", { method: "POST", body }), 201), "user", "id");
      const me = dataOf(await world.call("/me"));
      const made = await makeCode(world, id);
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

  describeBadCodes(() => world, "/sign-in/check");

  describe("404, for now", () => {
    it("keeps the code of a disabled user until the user is enabled again", async () => {
      const { id } = await world.addPerson();
      const code = await codeFor(world, id);
      const turn = (active: boolean) => world.call(`/users/${id}`, { method: "PATCH", body: { active } });
      dataOf(await turn(false));
      assertRefused(await check(code), 404, "SIGN_IN_CODE_NOT_FOUND");
      dataOf(await turn(true));
      dataOf(await signIn(code), 201);
    });
  });

  describe("429", () => {
    it("says RATE_LIMITED to an address that guesses, by checking codes or by signing in", async (t) => {
      const limited = await startWorld({ WUTS_RATE_LIMIT_FAILED_AUTH: "2" });
      t.onTestFinished(() => limited.stop());
      assertRefused(await check(unknownCode, limited), 404, "SIGN_IN_CODE_NOT_FOUND");
      assertRefused(await signIn(unknownCode, limited), 404, "SIGN_IN_CODE_NOT_FOUND");
      const refused = await check(unknownCode, limited);
      assertRefused(refused, 429, "RATE_LIMITED");
      assertRetryAfter(refused, 1, 60);
    });
  });
});
