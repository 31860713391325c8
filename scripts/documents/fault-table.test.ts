import assert from "node:assert/strict";
import { it } from "vitest";
import type { TestResult } from "../tests/test-results.ts";
import { faultTable } from "./fault-table.ts";
import { withSection } from "./readme-section.ts";

const result = (title: string, status: TestResult["status"]): TestResult => ({
  title,
  fullName: title,
  status,
  failureMessages: [],
  meta: {},
});
const passed = (title: string) => result(title, "passed");
const failed = (title: string) => result(title, "failed");

function reported(
  test: TestResult,
  seen: string[],
  ended: string,
  times: number,
  stanzas?: number,
): TestResult {
  const [area = "", what = ""] = test.title.split(": ");
  return { ...test, meta: { faultReport: { area, what, seen, ended, times, stanzas } } };
}

it("the table of faults has a line for each that was survived, and says so of each that was not", () => {
  const table = faultTable({
    testResults: [
      {
        name: "some.test.ts",
        status: "failed",
        message: "",
        assertionResults: [
          reported(passed("Two: it is cut"), ["200", "503 DEVICE_NOT_READY"], "connected", 3, 17),
          reported(passed("Two: it is away"), ["200"], "connected", 1),
          passed("a test of no fault"),
          failed("One: it hangs"),
          failed("Nothing is left over"),
          // What a test noted before it failed does not count.
          reported(failed("Two: it is locked"), ["200"], "connected", 1),
          reported(passed("Two: it is gone"), ["200", "503 DEVICE_NOT_READY"], "connected", 1, 1),
          { ...passed("Three: it is not here"), status: "skipped" },
        ],
      },
    ],
  });
  assert.deepEqual(table.split("\n\n"), [
    "### One",
    "**Did not survive**:",
    "- it hangs",
    "### Other",
    "**Did not survive**:",
    "- Nothing is left over",
    "### Two",
    "Callers saw `200`, `503 DEVICE_NOT_READY`. In the end: connected:",
    "- it is cut (3 times, 17 stanzas)\n- it is gone (1 stanza)",
    "Callers saw `200`. In the end: connected:",
    "- it is away",
    "**Did not survive**:",
    "- it is locked",
  ]);
});

it("a section of a page is what is between its marks, and nothing else changes", () => {
  const readme = "a\n<!-- x: begin, written by npm run x -->\n\nold\n\n<!-- x: end -->\nb\n";
  const changed = withSection(readme, "x", "npm run x", "new");
  assert.equal(changed, readme.replace("old", "new"));
  assert.throws(() => withSection("nothing", "x", "npm run x", "new"), /has no line/);
});
