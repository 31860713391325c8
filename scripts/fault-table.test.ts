import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestEvent } from "node:test/reporters";
import faultTable from "./fault-table.ts";
import { withSection } from "./readme-section.ts";

const place = { nesting: 1, file: "some.test.ts", line: 1, column: 1, testId: 1 };

function passed(name: string): TestEvent {
  return {
    type: "test:pass",
    data: { ...place, name, testNumber: 1, details: { duration_ms: 1, type: "test" } },
  } as TestEvent;
}

function failed(name: string): TestEvent {
  const details = { duration_ms: 1, type: "test", error: new Error("why") };
  return { type: "test:fail", data: { ...place, name, testNumber: 1, details } } as unknown as TestEvent;
}

function reported(area: string, what: string, seen: string[], ended: string, times: number): TestEvent {
  const report = { test: `${area}: ${what}`, area, what, seen, ended, times };
  const message = `fault report: ${JSON.stringify(report)}`;
  return { type: "test:diagnostic", data: { ...place, message, level: "info" } } as TestEvent;
}

async function tableOf(...events: TestEvent[]): Promise<string> {
  async function* all() {
    yield* events;
  }
  let table = "";
  for await (const part of faultTable(all())) table += part;
  return table;
}

test("the table of faults has a line for each that was survived, and says so of each that was not", async () => {
  const table = await tableOf(
    passed("Two: it is cut"),
    reported("Two", "it is cut", ["200", "503 DEVICE_NOT_READY"], "connected", 3),
    passed("a test of no fault"),
    failed("One: it hangs"),
    // What a test noted before it failed does not count.
    failed("Two: it is locked"),
    reported("Two", "it is locked", ["200"], "connected", 1),
  );
  const rows = table
    .trim()
    .split("\n")
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
  assert.deepEqual(rows, [
    ["One", "it hangs", "", "**did not survive**", ""],
    ["Two", "it is cut", "`200`, `503 DEVICE_NOT_READY`", "connected", "3"],
    ["", "it is locked", "", "**did not survive**", ""],
  ]);
});

test("a section of the README is what is between its marks, and nothing else changes", () => {
  const readme = "a\n<!-- x: begin, written by npm run x -->\n\nold\n\n<!-- x: end -->\nb\n";
  const changed = withSection(readme, "x", "npm run x", "new");
  assert.equal(changed, readme.replace("old", "new"));
  assert.throws(() => withSection("nothing", "x", "npm run x", "new"), /has no line/);
});
