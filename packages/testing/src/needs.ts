import { describe, it, type TestContext } from "vitest";

/** In `.ci/run` nothing may be missing: tests that need it run all the same, and fail. */
const mustBeComplete = process.env.WUTS_TEST_COMPLETE === "1";

/**
 * `describe` for tests that need what not every machine has. Where it is missing they are one test, which is skipped.
 * @param missing what is missing and how to install it; `undefined` where it is there
 */
export function describeUnless(missing: string | undefined, title: string, suite: () => void): void {
  if (missing === undefined || mustBeComplete) describe(title, suite);
  else itUnless(missing, title, () => undefined);
}

/** `it` for a test that needs what not every machine has. @param missing as in `describeUnless` */
export function itUnless(
  missing: string | undefined,
  title: string,
  test: (context: TestContext) => Promise<void> | void,
): void {
  it(title, (context) => {
    if (missing !== undefined && !mustBeComplete) context.skip(missing);
    return test(context);
  });
}
