import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { wutsContract } from "@wuts/contract";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertRefused, at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";
import { masterToken, withMaster } from "../../test-support/worlds/master.ts";

describe("The master token", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ ...withMaster, WUTS_METRICS_TOKEN: randomUUID() });
  });
  afterAll(() => world.stop());

  for (const [what, authorization] of [
    ["in capitals", `Bearer ${masterToken.toUpperCase()}`],
    ["without a scheme", masterToken],
    ["with the scheme in lower case", `bearer ${masterToken}`],
  ] as const) {
    it(`is taken ${what}`, async () => {
      dataOf(await world.call("/tenants", { token: null, headers: { authorization } }));
    });
  }

  it("is taken in capitals in the setting too", async (t) => {
    const other = await startWorld({ WUTS_MASTER_TOKEN: masterToken.toUpperCase() });
    t.onTestFinished(() => other.stop());
    dataOf(await other.call("/tenants", { token: masterToken }));
  });

  for (const { operationId, method, path, role } of wutsContract.operations) {
    if (role === "master" || role === "public") continue;
    it(`does not let a caller ${operationId}`, async () => {
      const id = "00000000-0000-4000-8000-000000000000";
      const answer = await world.call(path.replaceAll(/\{[^}]+\}/g, id), {
        method: method.toUpperCase(),
        token: masterToken,
      });
      assertRefused(answer, 401, "UNAUTHORIZED");
    });
  }

  it("does no harm where no token is needed", async () => {
    assert.equal((await world.call("/health/live", { token: masterToken })).status, 200);
  });
});

describe("Who is not let in", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ ...withMaster, WUTS_METRICS_TOKEN: randomUUID() });
  });
  afterAll(() => world.stop());

  const unknown = `Bearer ${randomUUID()}`;
  for (const [what, path, authorization, reason] of [
    ["sends no token", "/devices", undefined, /^there is no token: .*Authorization/],
    ["sends an empty header", "/devices", "", /^there is no token/],
    ["sends the word only", "/devices", "Bearer", /^the token is malformed/],
    [
      "sends what is no UUID v4",
      "/devices",
      "Bearer swordfish",
      /^the token is malformed: a token is a UUID v4$/,
    ],
    ["sends another scheme", "/devices", `Basic ${masterToken}`, /^the token is malformed/],
    ["sends a token that is none", "/devices", unknown, /^the token is not known/],
    [
      "sends the master token",
      "/devices",
      `Bearer ${masterToken}`,
      /^this is the master token, and a user's/,
    ],
    ["sends nothing for tenants", "/tenants", undefined, /^there is no token/],
    ["sends a token that is none for tenants", "/tenants", unknown, /^the token is not known/],
    [
      "sends the master token for metrics",
      "/metrics",
      `Bearer ${masterToken}`,
      /^this is not the token for metrics$/,
    ],
  ] as const) {
    it(`is told so: ${what}`, async () => {
      const headers = authorization === undefined ? {} : { authorization };
      const answer = await world.call(path, { token: null, headers });
      assertRefused(answer, 401, "UNAUTHORIZED");
      assert.match(textAt(answer.body, "error"), reason);
      assert.ok(
        !JSON.stringify(answer.body).includes(masterToken) &&
          !JSON.stringify(answer.body).includes("swordfish"),
      );
    });
  }

  it("is told so with a token that was revoked", async () => {
    const { id: userId, token } = await world.addPerson();
    const id = textAt(at(dataOf(await world.call("/me", { token })), "token"), "id");
    dataOf(await world.call(`/users/${userId}/tokens/${id}`, { method: "DELETE" }));
    const answer = await world.call("/me", { token });
    assertRefused(answer, 401, "UNAUTHORIZED");
    assert.match(textAt(answer.body, "error"), /^the token is not known: .* was revoked$/);
  });
});
