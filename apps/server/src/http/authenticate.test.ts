import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { wutsContract } from "@wuts/contract";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertRefused, dataOf } from "../test-support/call.ts";
import { masterToken, withMaster } from "../test-support/master.ts";
import { startWorld, type World } from "../test-support/world.ts";

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
    it(`is nobody's to ${operationId}`, async () => {
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
