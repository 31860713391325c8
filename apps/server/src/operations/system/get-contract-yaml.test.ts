import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { contractYamlPath } from "@wuts/contract";
import { afterAll, beforeAll, describe, it } from "vitest";
import { call } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("GET /openapi.yaml", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  describe("200", () => {
    it("answers the file with the address of the server, to every client", async () => {
      const { status, headers, body } = await call(`${world.url}/openapi.yaml`);
      assert.equal(status, 200);
      assert.match(headers.get("content-type") ?? "", /^application\/yaml/);
      const written = await readFile(contractYamlPath, "utf8");
      assert.equal(body, written.replace("  - url: /\n", `  - url: "${world.url}"\n`));
      assert.notEqual(body, written);
    });
  });
});
