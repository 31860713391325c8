import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, it } from "vitest";
import { APP_STATE_FAULTS } from "./faults/app-state-faults.ts";
import { CLOSE_KINDS } from "./faults/close-kinds.ts";
import { PICTURE_BEHAVIOURS } from "./model/picture.ts";

const EXAMPLE = fileURLToPath(new URL("../examples/pair-and-look.ts", import.meta.url));
const README = fileURLToPath(new URL("../README.md", import.meta.url));

describe("README", () => {
  it("shows the example as it is", async () => {
    const [readme, example] = await Promise.all([readFile(README, "utf8"), readFile(EXAMPLE, "utf8")]);
    const [, shown] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    assert.equal(shown, example, "copy examples/pair-and-look.ts into the README's first code block");
  });

  it("has an example that works, and prints what it says", async () => {
    const readme = await readFile(README, "utf8");
    const [, printed] = /```text\n(.*?)```/s.exec(readme) ?? [];
    const { stdout } = await promisify(execFile)(process.execPath, [EXAMPLE], { timeout: 50_000 });
    assert.equal(stdout, printed);
  });

  it("names every picture behaviour, close kind and app-state fault", async () => {
    const readme = await readFile(README, "utf8");
    for (const name of [...PICTURE_BEHAVIOURS, ...Object.keys(CLOSE_KINDS), ...Object.keys(APP_STATE_FAULTS)])
      assert.ok(readme.includes(`\`${name}\``), `the README does not name ${name}`);
  });
});
