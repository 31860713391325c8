import assert from "node:assert/strict";
import { contract } from "@wuts/contract";
import { afterAll, beforeAll, describe, it } from "vitest";
import { call } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("GET /openapi.json", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  describe("200", () => {
    it("answers the same document, without an envelope and with the address of the server, to every client", async () => {
      const { status, headers, body } = await call(`${world.url}/openapi.json`);
      assert.equal(status, 200);
      assert.match(headers.get("content-type") ?? "", /^application\/json/);
      assert.deepEqual(body, { ...contract, servers: [{ ...contract.servers[0], url: world.url }] });
    });
  });
});
