import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { quietLibsignal } from "./quiet-libsignal.ts";

describe("quietLibsignal", () => {
  it("keeps libsignal from printing sessions; everyone else may print", async () => {
    const script = fileURLToPath(new URL("../test-support/exchange-and-print.ts", import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], { timeout: 20_000 });
    assert.deepEqual([stdout, stderr], ["info of ours\n", "warning of ours\n"]);
  });

  it("changes the console once, however often it is called", () => {
    quietLibsignal();
    const { info, warn, error } = console;
    quietLibsignal();
    assert.deepEqual([console.info === info, console.warn === warn, console.error === error], [true, true, true]);
  });
});
