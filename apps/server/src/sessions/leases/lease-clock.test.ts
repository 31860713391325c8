import assert from "node:assert/strict";
import { describe, it, vi } from "vitest";
import { LeaseClock } from "./lease-clock.ts";

const hourMs = 3_600_000;

describe("The clock of leases", () => {
  it("goes ahead with the wall clock, as after a suspension, and never back", (t) => {
    vi.useFakeTimers({ toFake: ["Date"], now: 1_800_000_000_000 });
    t.onTestFinished(() => void vi.useRealTimers());
    const clock = new LeaseClock();
    const start = clock.now();
    const hours = () => Math.round((clock.now() - start) / hourMs);
    const set = (hour: number) => vi.setSystemTime(1_800_000_000_000 + hour * hourMs);
    assert.equal(hours(), 0);
    set(2);
    assert.equal(hours(), 2);
    set(-3);
    assert.equal(hours(), 2);
    // Setting the clock back does not hide a suspension.
    set(-2);
    assert.equal(hours(), 3);
  });

  it("is not moved by corrections", () => {
    const clock = new LeaseClock();
    const start = performance.now();
    const before = clock.now();
    for (let look = 0; look < 100_000; look += 1) clock.now();
    assert.ok(Math.abs(clock.now() - before - (performance.now() - start)) < 100);
  });
});
