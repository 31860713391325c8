import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, it } from "vitest";
import { stagesOf, textOf, variablesIn } from "./test-support/dockerfile.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const [building = [], image = [], ...others] = stagesOf(await readFile(join(root, "Dockerfile"), "utf8"));

describe("The Dockerfile", () => {
  it("has the Node that the tests run on in both stages", async () => {
    const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const bases = [building, image].map((stage) => textOf(stage, "FROM").split(" ")[0]);
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

  it("is given nothing that git ignores", async () => {
    const lines = async (name: string) => (await readFile(join(root, name), "utf8")).split("\n");
    const ignored = new Set(await lines(".dockerignore"));
    const missing = (await lines(".gitignore"))
      .filter((line) => line !== "")
      .map((line) => (line.startsWith("/") ? line.slice(1) : `**/${line}`).replace(/\/$/, ""))
      .filter((pattern) => !ignored.has(pattern));
    assert.deepEqual(missing, []);
    assert.ok(ignored.has(".git"));
  });
});
