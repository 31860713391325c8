import assert from "node:assert/strict";
import { it, vi } from "vitest";
import { Expiry } from "./expiry.ts";

it("a term keeps its length, and is told by the clock as it is", (t) => {
  vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
  t.onTestFinished(() => void vi.useRealTimers());
  const term = new Expiry(60_000);
  assert.equal(term.from.getTime(), 1_800_000_000_000);
  assert.equal(term.until.getTime(), 1_800_000_060_000);
  for (const jumpMs of [3_600_000, -3_600_000]) {
    vi.setSystemTime(1_800_000_000_000 + jumpMs);
    assert.equal(term.isExpired, false);
    // To the time that passes really.
    assert.ok(Math.abs(term.until.getTime() - (1_800_000_060_000 + jumpMs)) < 5_000);
  }
  assert.equal(new Expiry(0).isExpired, true);
});
