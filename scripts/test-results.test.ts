import assert from "node:assert/strict";
import { it } from "vitest";
import { closingLine, countTests, sumOf, type TestResult } from "./test-results.ts";

const test = (status: TestResult["status"]): TestResult => ({ title: status, status, meta: {} });
const file = (status: "passed" | "failed", ...assertionResults: TestResult[]) => ({
  name: "some.test.ts",
  status,
  assertionResults,
});

it("tests are counted by how they ended", () => {
  const testResults = [file("failed", test("passed"), test("failed"), test("skipped"), test("todo"))];
  assert.deepEqual(countTests({ testResults }), { passed: 1, failed: 1, skipped: 2 });
});

it("a file that failed without one of its tests counts as a test that failed", () => {
  for (const failed of [file("failed"), file("failed", test("skipped")), file("failed", test("passed"))])
    assert.equal(countTests({ testResults: [failed] }).failed, 1);
});

it("the closing line is the sum", () => {
  const counts = [
    { passed: 1, failed: 0, skipped: 2 },
    { passed: 3, failed: 1, skipped: 0 },
  ];
  assert.equal(closingLine(sumOf(counts)), "4 passed, 1 failed, 2 skipped");
});
