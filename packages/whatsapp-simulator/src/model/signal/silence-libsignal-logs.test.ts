import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Script } from "node:vm";
import { describe, it, vi } from "vitest";
import { silenceLibsignalLogs } from "./silence-libsignal-logs.ts";

/** Prints its own name from a file of that name. */
function callConsoleFrom(filename: string): void {
  new Script(`console.info(${JSON.stringify(filename)})`, { filename }).runInThisContext();
}

describe("silenceLibsignalLogs", () => {
  it("keeps libsignal from printing sessions; all other code may print", async () => {
    const script = fileURLToPath(new URL("../../test-support/exchange-and-print.ts", import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], { timeout: 50_000 });
    assert.deepEqual([stdout, stderr], ["info of ours\n", "warning of ours\n"]);
  });

  it("works inside and around another guard, and with stack traces switched off", (t) => {
    const printed = vi.spyOn(console, "info").mockImplementation(() => {});
    t.onTestFinished(() => printed.mockRestore());
    const wrap = (print: typeof console.info) => (text: string) => print(text);
    console.info = wrap(console.info);
    silenceLibsignalLogs();
    console.info = wrap(console.info);
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    callConsoleFrom("/app/node_modules/libsignal/src/session_record.js");
    callConsoleFrom("/app/src/session_record.js");
    Error.stackTraceLimit = limit;
    assert.deepEqual(
      printed.mock.calls.map(([text]) => text),
      ["/app/src/session_record.js"],
    );
  });

  it("changes the console once, however often it is called", () => {
    silenceLibsignalLogs();
    const { info, warn, error } = console;
    silenceLibsignalLogs();
    assert.deepEqual(
      [console.info === info, console.warn === warn, console.error === error],
      [true, true, true],
    );
  });
});
