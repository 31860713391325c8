import assert from "node:assert/strict";
import { join } from "node:path";
import type { Ended } from "@wuts/server/test-support/server-process";
import { type Entry, readEntries } from "../src/ledger.ts";

export type { Entry } from "../src/ledger.ts";

/** Asserts that a run ended with code 0 and printed this. */
export function assertDone(ended: Ended, stdout: string): void {
  assert.deepEqual({ code: ended.code, stdout: ended.stdout }, { code: 0, stdout }, ended.stderr);
}

/** The rows of `outcomes.csv`. */
export function outcomesIn(folder: string): Promise<Entry[]> {
  return readEntries(join(folder, "outcomes.csv"));
}
