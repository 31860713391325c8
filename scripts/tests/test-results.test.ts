import assert from "node:assert/strict";
import { it } from "vitest";
import { closingLine, countTests, failuresIn, sumOf, type TestResult } from "./test-results.ts";

const test = (status: TestResult["status"]): TestResult => ({
  title: status,
  fullName: `a suite > ${status}`,
  status,
  failureMessages: status === "failed" ? ["one is not two\n    at some.test.ts:1:1"] : [],
  meta: {},
});
const file = (status: "passed" | "failed", ...assertionResults: TestResult[]) => ({
  name: "some.test.ts",
  status,
  message: "\nno such module\nat all",
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

it("what failed is named with the first line of why", () => {
  const some = file("failed", test("passed"), test("failed"), test("skipped"));
  assert.deepEqual(failuresIn({ testResults: [some, file("passed", test("passed")), file("failed")] }), [
    "some.test.ts > a suite > failed: one is not two",
    "some.test.ts: no such module",
  ]);
});

it("a hook that failed is named once, whatever number of tests it kept from running", () => {
  const notRun: TestResult = {
    ...test("skipped"),
    meta: { failureOfHook: "no disk\n    at some.test.ts:1:1" },
  };
  const some = { ...file("failed", notRun, notRun), message: "" };
  assert.deepEqual(failuresIn({ testResults: [some] }), ["some.test.ts: no disk"]);
});

it("the closing line is the sum", () => {
  const counts = [
    { passed: 1, failed: 0, skipped: 2 },
    { passed: 3, failed: 1, skipped: 0 },
  ];
  assert.equal(closingLine(sumOf(counts)), "4 passed, 1 failed, 2 skipped");
});
