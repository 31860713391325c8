import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, it } from "vitest";
import { commandIn, stagesOf, textOf, variablesIn } from "./test-support/dockerfile.ts";
import { settingsOfUnit } from "./test-support/unit.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const unit = settingsOfUnit(await readFile(join(root, "ops/systemd/wuts.service"), "utf8"));
const [, image = []] = stagesOf(await readFile(join(root, "Dockerfile"), "utf8"));

describe("The systemd unit", () => {
  it("starts the server as the image does, in production", () => {
    const [program = "", ...args] = unit.get("ExecStart")?.join().split(" ") ?? [];
    assert.deepEqual(["node", ...args], commandIn(textOf(image, "CMD")));
    assert.equal(program, join(unit.get("WorkingDirectory")?.join() ?? "", "node_modules/.bin/node"));
    const variables = variablesIn(unit.get("Environment")?.join(" ") ?? "");
    assert.equal(variables.NODE_ENV, variablesIn(textOf(image, "ENV")).NODE_ENV);
    assert.equal(variables.NODE_ENV, "production");
  });

  it("leaves no core dump, bounds the memory, and shows the server no other processes", () => {
    for (const [name, value] of [
      ["LimitCORE", "0"],
      ["ProcSubset", "pid"],
      ["ProtectProc", "invisible"],
      ["ProtectSystem", "strict"],
      ["PrivateUsers", "yes"],
      ["NoNewPrivileges", "yes"],
      ["CapabilityBoundingSet", ""],
    ])
      assert.deepEqual(unit.get(name ?? ""), [value], name);
    assert.match(unit.get("MemoryMax")?.join() ?? "", /^\d+G$/);
    assert.match(unit.get("TasksMax")?.join() ?? "", /^\d+$/);
  });
});
