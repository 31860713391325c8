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

describe("POST /sign-in", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ WUTS_BODY_LIMIT_BYTES: "2048", WUTS_RATE_LIMIT_FAILED_AUTH: "0" });
  });
  afterAll(() => world.stop());

  const signIn = (code: unknown, where: World = world) =>
    where.call("/sign-in", { method: "POST", body: { code }, token: null });
  const codeFor = async (id: string, where: World = world) => {
    const made = await where.call(`/users/${id}/sign-in-codes`, {
      method: "POST",
      body: { expires_in: 600 },
    });
    return textAt(dataOf(made, 201), "code");
  };
  const nobodys = "A".repeat(43);

  describe("201", () => {
    it("answers a token of the user, which works for 12 hours", async () => {
      const { id } = await world.addPerson("manager");
      const signedIn = dataOf(await signIn(await codeFor(id)), 201);
      assert.partialDeepStrictEqual(signedIn, { user: { id, role: "manager", active: true } });
      assert.ok(Math.abs(Date.parse(textAt(signedIn, "expires_at")) - Date.now() - 43_200_000) < 5_000);
      const me = dataOf(await world.call("/me", { token: textAt(signedIn, "token") }));
      assert.partialDeepStrictEqual(me, {
        user: { id },
        token: { id: at(signedIn, "token_id"), name: "Console", expires_at: at(signedIn, "expires_at") },
      });
    });

    it("answers one of those who try the same code at once", async () => {
      const code = await codeFor((await world.addPerson()).id);
      const answers = await Promise.all(Array.from({ length: 8 }, () => signIn(code)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 404, 404, 404, 404, 404, 404, 404]);
    });

    it("needs no token, and takes none for anything", async () => {
      const code = await codeFor((await world.addPerson()).id);
      dataOf(await world.call("/sign-in", { method: "POST", body: { code }, token: nobodys }), 201);
    });
  });

  describe("400", () => {
    for (const code of ["", "short", `${"A".repeat(42)}!`, "A".repeat(44), 1]) {
      it(`refuses the code ${JSON.stringify(code).slice(0, 12)}`, async () =>
        assertInvalid(await signIn(code), "code"));
    }
  });

  describe("404", () => {
    it("says SIGN_IN_CODE_NOT_FOUND for a code that is unknown, used, expired, or of somebody disabled or gone", async () => {
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
        assertRefused(await signIn(code), 404, "SIGN_IN_CODE_NOT_FOUND");
      }
    });
  });

  describe("409", () => {
    it("says QUOTA_REACHED when the user has as many tokens as they may have, expired ones aside", async (t) => {
      const full = await startWorld({ WUTS_MAX_TOKENS: "2" });
      t.onTestFinished(() => full.stop());
      const { id } = await full.addPerson();
      const codeOf = async () => {
        const path = `/users/${id}/sign-in-codes`;
        return textAt(
          dataOf(await full.call(path, { method: "POST", body: { expires_in: 60 } }), 201),
          "code",
        );
      };
      dataOf(await signIn(await codeOf(), full), 201);
      assertRefused(await signIn(await codeOf(), full), 409, "QUOTA_REACHED");
      const past = new Date(0).toISOString();
      await full.write("update tokens set expires_at = ? where user_id = ? and name = 'Console'", past, id);
      dataOf(await signIn(await codeOf(), full), 201);
    });
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE", async () =>
      assertRefused(await signIn("x".repeat(3_000)), 413, "PAYLOAD_TOO_LARGE"));
  });

  describe("415", () => {
    it("says UNSUPPORTED_MEDIA_TYPE for what is no JSON", async () => {
      const headers = { "Content-Type": "text/plain" };
      const options = { method: "POST", headers, body: { code: nobodys }, token: null };
      assertRefused(await world.call("/sign-in", options), 415, "UNSUPPORTED_MEDIA_TYPE");
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
        assertRefused(await signIn(nobodys, limited), 404, "SIGN_IN_CODE_NOT_FOUND");
      }
      const refused = await signIn(nobodys, limited);
      assertRefused(refused, 429, "RATE_LIMITED");
      assertRetryAfter(refused, 1, 60);
      dataOf(await limited.call("/me"));
    });

    it("is not said to a good code, however often others behind the same address fail", async (t) => {
      const limited = await limitedWorld(t);
      const { id } = await limited.addPerson();
      const [first, second] = [await codeFor(id, limited), await codeFor(id, limited)];
      for (let tries = 0; tries < 4; tries += 1) await signIn(nobodys, limited);
      assertRefused(await signIn(nobodys, limited), 429, "RATE_LIMITED");
      const signedIn = dataOf(await signIn(first, limited), 201);
      assert.equal(at(signedIn, "user", "id"), id);
      // A code that is used up is no good one any more.
      assertRefused(await signIn(first, limited), 429, "RATE_LIMITED");
      dataOf(await signIn(second, limited), 201);
    });

    it("is not brought about by those who sign in, nor by what is no code", async (t) => {
      const limited = await limitedWorld(t);
      const { id } = await limited.addPerson();
      for (let times = 0; times < 3; times += 1) {
        const answer = await signIn(await codeFor(id, limited), limited);
        dataOf(answer, 201);
        assert.equal(answer.headers.get("ratelimit"), null);
        assertInvalid(await signIn("short", limited), "code");
      }
      assertRefused(await signIn(nobodys, limited), 404, "SIGN_IN_CODE_NOT_FOUND");
    });
  });
});
