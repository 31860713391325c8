import assert from "node:assert/strict";
import { parseContract, wutsContract } from "@wuts/contract";
import { describe, it, type TestContext } from "vitest";
import { type Role, roles } from "../../kernel/roles.ts";
import { assertRefused, dataOf } from "../../test-support/call.ts";
import { startWorld } from "../../test-support/world.ts";

/** A server whose contract asks for a role at `GET /devices`, and a user with each role who calls it. */
async function askAs(t: TestContext, wanted: string) {
  const described = "operationId: listDevices\n      tags: [devices]\n      x-role: user";
  assert.ok(wutsContract.yaml.includes(described));
  const [before = "", after = ""] = wutsContract.yaml.split(described);
  const asked = after.replace(
    '"401": { $ref: "#/components/responses/Unauthorized" }',
    (unauthorized) => `${unauthorized}\n        "403": { $ref: "#/components/responses/Forbidden" }`,
  );
  const yaml = before + described.replace("user", wanted) + asked;
  const world = await startWorld({}, { overrides: { contract: parseContract(yaml) } });
  t.onTestFinished(() => world.stop());
  return async (role: Role, path = "/devices") => world.call(path, { token: await world.addUser(role) });
}

describe("x-role", () => {
  for (const [wanted, allowed] of [
    ["user", ["user", "manager", "admin"]],
    ["manager", ["manager", "admin"]],
    ["admin", ["admin"]],
  ] as const) {
    it(`${wanted} lets in ${allowed.join(", ")}, and answers 403 FORBIDDEN to others`, async (t) => {
      const ask = await askAs(t, wanted);
      for (const role of roles) {
        const answer = await ask(role);
        if (allowed.some((each) => each === role)) dataOf(answer);
        else assertRefused(answer, 403, "FORBIDDEN");
      }
    });
  }

  it("comes before the request is looked at: who may not call learns nothing about the parameters", async (t) => {
    const ask = await askAs(t, "admin");
    assertRefused(await ask("user", "/devices?limit=nonsense"), 403, "FORBIDDEN");
    assertRefused(await ask("admin", "/devices?limit=nonsense"), 400, "VALIDATION_ERROR");
  });
});
