import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { assertInvalid, dataOf } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("GET /health/live", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  describe("200", () => {
    it("says alive to every client", async () => {
      assert.deepEqual(dataOf(await world.call("/health/live", { token: null })), { status: "alive" });
      assert.deepEqual(dataOf(await world.call("/health/live", { token: "nonsense" })), { status: "alive" });
    });
  });

  describe("400", () => {
    it("refuses a parameter that the contract does not know", async () => {
      assertInvalid(await world.call("/health/live?verbose=1", { token: null }), "verbose");
    });
  });
});
