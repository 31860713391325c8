import assert from "node:assert/strict";
import { WutsError } from "../src/index.ts";

/** What a call that must not succeed throws. */
export async function failure(call: Promise<unknown>): Promise<WutsError> {
  const error: unknown = await call.then(
    () => assert.fail("the call succeeded"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof WutsError, `${error}`);
  return error;
}
