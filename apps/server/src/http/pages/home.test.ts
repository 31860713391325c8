import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { startWorld, type World } from "../../test-support/world.ts";

/** What Firefox and Chromium send for a page. */
const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

describe("GET /", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const get = (accept: string) => fetch(`${world.url}/`, { headers: { accept }, redirect: "manual" });

  it("leads a browser to the console", async () => {
    const response = await get(browser);
    assert.deepEqual([response.status, response.headers.get("location")], [302, "console/"]);
    assert.equal((await fetch(`${world.url}/`, { headers: { accept: browser } })).status, 200);
  });

  for (const accept of ["*/*", "application/json"]) {
    it(`is 404 in the error envelope for a client that accepts ${accept}`, async () => {
      const response = await get(accept);
      assert.equal(response.status, 404);
      assert.partialDeepStrictEqual(await response.json(), { success: false, error_code: "NOT_FOUND" });
    });
  }
});
