import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, it } from "vitest";
import { commandIn, stagesOf, textOf, variablesIn } from "./test-support/dockerfile.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const [building = [], image = [], ...others] = stagesOf(await readFile(join(root, "Dockerfile"), "utf8"));

describe("The Dockerfile", () => {
  it("has the Node that the tests run on in both stages", async () => {
    const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const bases = [building, image].map((stage) => textOf(stage, "FROM").split(/[ @]/)[0]);
    assert.deepEqual(new Set(bases), new Set([`node:${devDependencies.node}-bookworm-slim`]));
    assert.deepEqual(others, []);
  });

  it("runs the server as a user of no rights, without a shell that would keep signals from it", () => {
    assert.equal(textOf(image, "USER"), "node");
    assert.equal(textOf(image, "STOPSIGNAL"), "SIGTERM");
    assert.match(textOf(image, "CMD"), /^\[/);
    assert.match(textOf(image, "HEALTHCHECK"), / CMD \[/);
    assert.equal(textOf(image, "VOLUME"), variablesIn(textOf(image, "ENV")).WUTS_DATA_DIR);
  });

  it("lets no process open a debugger in the server by a signal", () => {
    assert.deepEqual(commandIn(textOf(image, "CMD")), [
      "node",
      "--disable-sigusr1",
      "apps/server/src/main.ts",
    ]);
  });
});
