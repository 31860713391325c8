import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { aroundEach, expect } from "vitest";

/** How often the tests that are under way have asserted something. */
interface Assertions {
  count: number;
}

const key = Symbol.for("wuts.testing.assertions");

/** Of the process: this file runs for each test file, and `assert` is there once. */
const store = (Reflect.get(globalThis, key) ?? install()) as AsyncLocalStorage<Assertions>;

/** Fails tests that pass without having asserted anything: `expect.requireAssertions` for those that use `node:assert`. */
aroundEach(async (runTest, { task }) => {
  const assertions: Assertions = { count: 0 };
  await store.run(assertions, runTest);
  const { assertionCalls } = expect.getState();
  if (task.result?.state !== "fail" && assertions.count + assertionCalls === 0)
    throw new Error("this test has asserted nothing");
});

/**
 * Counts each time a function of `node:assert` is taken. The function itself stays as it is: it finds by the stack what was
 * asserted, and its errors begin where it was called.
 */
function install(): AsyncLocalStorage<Assertions> {
  const installed = new AsyncLocalStorage<Assertions>();
  for (const [name, value] of Object.entries(assert)) {
    if (typeof value !== "function" || /^[A-Z]/.test(name)) continue;
    Object.defineProperty(assert, name, {
      configurable: true,
      enumerable: true,
      get() {
        const assertions = installed.getStore();
        if (assertions) assertions.count += 1;
        return value;
      },
    });
  }
  Reflect.set(globalThis, key, installed);
  return installed;
}
