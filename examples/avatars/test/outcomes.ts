import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Ended } from "@wuts/server/test-support/server-process";
import { parse } from "csv-parse/sync";

/** It ended well, and printed this. */
export function assertDone(ended: Ended, stdout: string): void {
  assert.deepEqual({ code: ended.code, stdout: ended.stdout }, { code: 0, stdout }, ended.stderr);
}

/** A row of `outcomes.csv`. */
export interface Entry {
  readonly number: string;
  readonly outcome: string;
  readonly picture_id: string;
  readonly file: string;
}

export async function outcomesIn(folder: string): Promise<Entry[]> {
  return parse(await readFile(join(folder, "outcomes.csv")), { columns: true });
}
