import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it, type TestContext } from "vitest";
import {
  assertInvalid,
  assertRefused,
  assertRetryAfter,
  at,
  dataOf,
  textAt,
} from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import { codeFor, describeBadCodes, sendCode, unknownCode } from "../../test-support/worlds/sign-in-codes.ts";

describe("POST /sign-in", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "2048", WUTS_RATE_LIMIT_FAILED_AUTH: "0" });
  });
  afterAll(() => world.stop());

  const signIn = (code: unknown, where: World = world) => sendCode(where, "/sign-in", code);

  describe("201", () => {
    it("answers a token of the user, which works for 12 hours", async () => {
      const { id } = await world.addPerson("manager");
      const signedIn = dataOf(await signIn(await codeFor(world, id)), 201);
      assert.partialDeepStrictEqual(signedIn, { user: { id, role: "manager", active: true } });
      assert.ok(Math.abs(Date.parse(textAt(signedIn, "expires_at")) - Date.now() - 43_200_000) < 5_000);
      const me = dataOf(await world.call("/me", { token: textAt(signedIn, "token") }));
      assert.partialDeepStrictEqual(me, {
        user: { id },
        token: { id: at(signedIn, "token_id"), name: "Console", expires_at: at(signedIn, "expires_at") },
      });
    });

    it("answers one of those who try the same code at once", async () => {
      const code = await codeFor(world, (await world.addPerson()).id);
      const answers = await Promise.all(Array.from({ length: 8 }, () => signIn(code)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 404, 404, 404, 404, 404, 404, 404]);
    });

    it("needs no token, and takes none for anything", async () => {
      const code = await codeFor(world, (await world.addPerson()).id);
      dataOf(await world.call("/sign-in", { method: "POST", body: { code }, token: unknownCode }), 201);
    });
  });

  describeBadCodes(() => world, "/sign-in");

  describe("409", () => {
    it("says QUOTA_REACHED when the user has as many tokens as they may have, expired ones aside", async (t) => {
      const full = await startWorld({ WUTS_MAX_TOKENS: "2" });
      t.onTestFinished(() => full.stop());
      const { id } = await full.addPerson();
      dataOf(await signIn(await codeFor(full, id), full), 201);
      assertRefused(await signIn(await codeFor(full, id), full), 409, "QUOTA_REACHED");
      const past = new Date(0).toISOString();
      await full.write("update tokens set expires_at = ? where user_id = ? and name = 'Console'", past, id);
      dataOf(await signIn(await codeFor(full, id), full), 201);
    });
  });

  describe("429", () => {
    const limitedWorld = async (t: TestContext) => {
      const limited = await startWorld({ WUTS_RATE_LIMIT_FAILED_AUTH: "2" });
      t.onTestFinished(() => limited.stop());
      return limited;
    };

    it("says RATE_LIMITED to an address that fails too often, and lets it use the tokens it has", async (t) => {
      const limited = await limitedWorld(t);
      for (let tries = 0; tries < 2; tries += 1) {
        assertRefused(await signIn(unknownCode, limited), 404, "SIGN_IN_CODE_NOT_FOUND");
      }
      const refused = await signIn(unknownCode, limited);
      assertRefused(refused, 429, "RATE_LIMITED");
      assertRetryAfter(refused, 1, 60);
      dataOf(await limited.call("/me"));
    });

    it("is not said to a good code, however often others behind the same address fail", async (t) => {
      const limited = await limitedWorld(t);
      const { id } = await limited.addPerson();
      const [first, second] = [await codeFor(limited, id), await codeFor(limited, id)];
      for (let tries = 0; tries < 4; tries += 1) await signIn(unknownCode, limited);
      assertRefused(await signIn(unknownCode, limited), 429, "RATE_LIMITED");
      const signedIn = dataOf(await signIn(first, limited), 201);
      assert.equal(at(signedIn, "user", "id"), id);
      // A used code is no longer valid.
      assertRefused(await signIn(first, limited), 429, "RATE_LIMITED");
      dataOf(await signIn(second, limited), 201);
    });

    it("is not brought about by those who sign in, nor by what is no code", async (t) => {
      const limited = await limitedWorld(t);
      const { id } = await limited.addPerson();
      for (let times = 0; times < 3; times += 1) {
        const answer = await signIn(await codeFor(limited, id), limited);
        dataOf(answer, 201);
        assert.equal(answer.headers.get("ratelimit"), null);
        assertInvalid(await signIn("short", limited), "code");
      }
      assertRefused(await signIn(unknownCode, limited), 404, "SIGN_IN_CODE_NOT_FOUND");
    });
  });
});
