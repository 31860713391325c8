import { afterAll } from "vitest";
import type { Scope } from "./processes/server-process.ts";

/** What a suite's tests share ends after the last of them, what was begun last first. To be called where the suite is described. */
export function suiteScope(): Scope {
  const ends: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const end of ends) await end();
  });
  return { onTestFinished: (end) => void ends.unshift(end) };
}
