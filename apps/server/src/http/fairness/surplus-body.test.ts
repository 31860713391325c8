import { afterAll, beforeAll, describe, it } from "vitest";
import { assertRefused } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("A body that no operation describes", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  for (const [what, contentType, body] of [
    ["no JSON", "application/json", "{"],
    ["too large", "application/json", `"${"x".repeat(200_000)}"`],
    ["in another charset", "application/json; charset=klingon", "{}"],
    ["no text", "image/png", "\u0000"],
  ] as const) {
    it(`is not read, also when it is ${what}`, async () => {
      const headers = { "content-type": contentType };
      const answer = await world.call("/disconnect", { method: "POST", body, headers });
      assertRefused(answer, 404, "DEVICE_NOT_FOUND");
    });
  }
});
