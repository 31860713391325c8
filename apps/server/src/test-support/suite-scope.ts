import { afterAll } from "vitest";
import type { Scope } from "./processes/server-process.ts";

/**
 * Makes a scope that ends the shared resources of a suite after its last test, in reverse order of their start. To be called
 * where the suite is described.
 */
export function suiteScope(): Scope {
  const ends: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const end of ends) await end();
  });
  return { onTestFinished: (end) => void ends.unshift(end) };
}
