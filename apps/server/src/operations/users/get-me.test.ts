import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("GET /me", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  describe("200", () => {
    it("answers the first admin, who has no e-mail address, and their bootstrap token", async () => {
      const me = dataOf(await world.call("/me"));
      assert.partialDeepStrictEqual(me, {
        user: { email: null, role: "admin", active: true },
        tenant: { id: at(me, "user", "tenant_id"), name: "First tenant" },
        token: { name: "bootstrap", first_characters: world.token.slice(0, 4), expires_at: null },
      });
    });

    it("says when the token was last used, to the minute", async () => {
      const usedAt = Date.parse(textAt(dataOf(await world.call("/me")), "token", "last_used_at"));
      assert.ok(usedAt <= Date.now() && usedAt > Date.now() - 60_000);
    });

    it("answers others with the token that they sent", async () => {
      const { id, token } = await world.addPerson("manager");
      assert.partialDeepStrictEqual(dataOf(await world.call("/me", { token })), {
        user: { id, role: "manager" },
        token: { name: "test", first_characters: null },
      });
    });

    it("names the token nowhere", async () => {
      const { body } = await world.call("/me");
      assert.ok(!JSON.stringify(body).includes(world.token.slice(4)));
    });
  });

  describe("400", () => {
    it("refuses a parameter that the contract does not know", async () => {
      assertInvalid(await world.call("/me?user_id=me"), "user_id");
    });
  });

  describe("401", () => {
    for (const [what, token] of [
      ["no token", null],
      ["an unknown token", randomUUID()],
    ] as const) {
      it(`refuses ${what}`, async () => {
        assertRefused(await world.call("/me", { token }), 401, "UNAUTHORIZED");
      });
    }
  });
});
