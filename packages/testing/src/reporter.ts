import type { Reporter, TestCase, TestModule, TestSuite } from "vitest/node";

declare module "vitest" {
  interface TaskMeta {
    /** Why the test was not run: what the hook of its suite failed with. Vitest's `json` reporter has no errors of suites. */
    failureOfHook?: string;
  }
}

/**
 * Prints each failure when it happens, of tests, hooks and imports alike, and why a test was skipped. Vitest's own reporter
 * has the one at the end of the run, and the other not at all.
 */
export default class AtOnce implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    const name = `${test.module.relativeModuleId} > ${test.fullName}`;
    if (result.state === "skipped" && result.note)
      process.stdout.write(`skipped: ${name}\n  ${result.note}\n`);
    if (result.state === "failed") tellFailure(name, result.errors);
  }

  onTestSuiteResult(suite: TestSuite): void {
    const errors = suite.errors();
    tellFailure(`${suite.module.relativeModuleId} > ${suite.fullName}`, errors);
    const [error] = errors;
    if (error) for (const test of suite.children.allTests()) test.meta().failureOfHook = error.message;
  }

  onTestModuleEnd(module: TestModule): void {
    tellFailure(module.relativeModuleId, module.errors());
  }
}

function tellFailure(
  name: string,
  errors: readonly { readonly message: string; readonly stack?: string }[],
): void {
  if (errors.length === 0) return;
  const reasons = errors.map((error) => error.stack ?? error.message).join("\n");
  process.stdout.write(`FAILED: ${name}\n${reasons.replaceAll(/^/gm, "  ")}\n`);
}
