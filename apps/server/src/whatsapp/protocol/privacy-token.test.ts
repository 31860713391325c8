import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { type AuthenticationState, initAuthCreds } from "./baileys.ts";
import { findPrivacyToken } from "./privacy-token.ts";

const week = 7 * 24 * 60 * 60;
const token = Buffer.from("token");

/** Keys as the store gives them, by type and id. */
function authWith(stored: Record<string, Record<string, unknown>>): AuthenticationState {
  return {
    creds: initAuthCreds(),
    keys: {
      get: async (type, ids) => {
        const found = Object.entries(stored[type] ?? {}).filter(([id]) => ids.includes(id));
        return JSON.parse(JSON.stringify(Object.fromEntries(found)));
      },
      set: () => assert.fail("looking a token up changes nothing"),
    },
  };
}

function tokenOfAge(seconds: number, more: Record<string, unknown> = {}) {
  const timestamp = String(Math.floor(Date.now() / 1000) - seconds);
  return authWith({ tctoken: { "123456@lid": { token: [...token], timestamp, ...more } } });
}

describe("findPrivacyToken", () => {
  it("finds the token of a LID", async () => {
    const found = await findPrivacyToken(tokenOfAge(0), "123456@lid", []);
    assert.deepEqual(Buffer.from(found?.token ?? []), token);
  });

  it("finds it by the phone number whose LID is known", async () => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const auth = authWith({
      "lid-mapping": { "5511999999999": "123456" },
      tctoken: { "123456@lid": { token: [...token], timestamp } },
    });
    assert.ok(await findPrivacyToken(auth, "5511999999999@s.whatsapp.net", []));
    assert.equal(await findPrivacyToken(auth, "5511888888888@s.whatsapp.net", []), undefined);
  });

  it("finds none for oneself, for groups and for strangers", async () => {
    const auth = tokenOfAge(0);
    assert.equal(await findPrivacyToken(auth, "123456@lid", ["123456@lid"]), undefined);
    assert.equal(await findPrivacyToken(auth, "120363039000000000@g.us", []), undefined);
    assert.equal(await findPrivacyToken(auth, "654321@lid", []), undefined);
  });

  it("finds a token in its week and the three weeks after, not later", async () => {
    assert.ok(await findPrivacyToken(tokenOfAge(3 * week - 1), "123456@lid", []));
    assert.equal(await findPrivacyToken(tokenOfAge(4 * week), "123456@lid", []), undefined);
  });

  it("finds none where only the own token's time is kept, or no time", async () => {
    const cleared = tokenOfAge(0, { token: [] });
    assert.equal(await findPrivacyToken(cleared, "123456@lid", []), undefined);
    const timeless = tokenOfAge(0, { timestamp: undefined });
    assert.equal(await findPrivacyToken(timeless, "123456@lid", []), undefined);
    const odd = tokenOfAge(0, { timestamp: "soon" });
    assert.equal(await findPrivacyToken(odd, "123456@lid", []), undefined);
  });
});
