import { describe, it } from "vitest";
import { type Answer, assertInvalid, assertRefused, dataOf, textAt } from "../call.ts";
import type { World } from "../world.ts";

/** A code that was never issued. */
export const unknownCode = "A".repeat(43);

/** Sends a code to a public operation. */
export function sendCode(world: World, path: string, code: unknown): Promise<Answer> {
  return world.call(path, { method: "POST", body: { code }, token: null });
}

/** Makes a code for a user. @returns what the answer says of it */
export async function makeCode(world: World, userId: string): Promise<unknown> {
  const body = { expires_in: 600 };
  return dataOf(await world.call(`/users/${userId}/sign-in-codes`, { method: "POST", body }), 201);
}

export async function codeFor(world: World, userId: string): Promise<string> {
  return textAt(await makeCode(world, userId), "code");
}

/** Tests of an operation's responses to codes that sign no user in. Its world takes bodies of 2,048 bytes. */
export function describeBadCodes(world: () => World, path: string): void {
  const send = (code: unknown) => sendCode(world(), path, code);

  describe("400", () => {
    for (const code of ["", "short", `${"A".repeat(42)}!`, "A".repeat(44), 1]) {
      it(`refuses the code ${JSON.stringify(code).slice(0, 12)}`, async () =>
        assertInvalid(await send(code), "code"));
    }
  });

  describe("404", () => {
    it("says SIGN_IN_CODE_NOT_FOUND for a code that is unknown, used, expired, or of a user who is disabled or deleted", async () => {
      const [used, expired, disabled, gone] = await Promise.all(
        (["used", "expired", "disabled", "gone"] as const).map(async () => {
          const { id } = await world().addPerson();
          return { id, code: await codeFor(world(), id) };
        }),
      );
      if (!used || !expired || !disabled || !gone) throw new Error("there are four");
      dataOf(await sendCode(world(), "/sign-in", used.code), 201);
      const now = new Date().toISOString();
      await world().write("update sign_in_codes set expires_at = ? where user_id = ?", now, expired.id);
      dataOf(await world().call(`/users/${disabled.id}`, { method: "PATCH", body: { active: false } }));
      dataOf(await world().call(`/users/${gone.id}`, { method: "DELETE" }));
      for (const code of [unknownCode, used.code, expired.code, disabled.code, gone.code])
        assertRefused(await send(code), 404, "SIGN_IN_CODE_NOT_FOUND");
    });
  });

  describe("413", () => {
    it("says PAYLOAD_TOO_LARGE", async () =>
      assertRefused(await send("x".repeat(3_000)), 413, "PAYLOAD_TOO_LARGE"));
  });

  describe("415", () => {
    it("says UNSUPPORTED_MEDIA_TYPE for what is no JSON", async () => {
      const headers = { "Content-Type": "text/plain" };
      const options = { method: "POST", headers, body: { code: unknownCode }, token: null };
      assertRefused(await world().call(path, options), 415, "UNSUPPORTED_MEDIA_TYPE");
    });
  });
}
