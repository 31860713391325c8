import type { FaultReport } from "@wuts/server/test-support/fault-report";

/** What is read here of the report of vitest's `json` reporter. */
export interface TestResults {
  readonly testResults: readonly FileResults[];
}

export interface FileResults {
  /** The path of the test file. */
  readonly name: string;
  /** Also `failed` when a hook failed, an import did, or the worker ended too early. */
  readonly status: "passed" | "failed";
  /** Why it failed, when that was none of its tests. */
  readonly message: string;
  readonly assertionResults: readonly TestResult[];
}

export interface TestResult {
  readonly title: string;
  /** With the titles of the suites that it is in. */
  readonly fullName: string;
  readonly status: "passed" | "failed" | "skipped" | "pending" | "todo" | "disabled";
  readonly failureMessages: readonly string[];
  readonly meta: { readonly faultReport?: FaultReport; readonly failureOfHook?: string };
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts tests. A file that failed without one of its tests counts as a failed test, so that it is never lost. */
export function countTests({ testResults }: TestResults): TestCounts {
  return sumOf(
    testResults.map(({ status, assertionResults }) => {
      const all = assertionResults.length;
      const passed = assertionResults.filter((test) => test.status === "passed").length;
      const failed = assertionResults.filter((test) => test.status === "failed").length;
      return {
        passed,
        failed: status === "failed" ? Math.max(1, failed) : failed,
        skipped: all - passed - failed,
      };
    }),
  );
}

/** What failed and why, a line each: a reader who sees only the end of a run should know it, too. */
export function failuresIn({ testResults }: TestResults): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const tests = assertionResults
      .filter((test) => test.status === "failed")
      .map(({ fullName, failureMessages }) => `${name} > ${fullName}: ${firstLine(failureMessages[0])}`);
    if (status === "passed" || tests.length > 0) return tests;
    const ofHooks = new Set(assertionResults.flatMap(({ meta }) => meta.failureOfHook ?? []));
    const reasons = ofHooks.size > 0 ? [...ofHooks] : [message];
    return reasons.map((reason) => `${name}: ${firstLine(reason)}`);
  });
}

function firstLine(text = ""): string {
  return text.trim().split("\n", 1)[0] ?? "";
}

export function sumOf(counts: readonly TestCounts[]): TestCounts {
  const sum = (name: keyof TestCounts) => counts.reduce((all, each) => all + each[name], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}

/** The closing line of a run. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
