import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it, vi } from "vitest";
import { WindowCounter, type WindowCounterOptions } from "./window-counter.ts";

const options: WindowCounterOptions = { name: "token", limit: 3, windowMs: 60_000, maxKeys: 3 };

function fakeTime(t: { onTestFinished(step: () => void): void }) {
  vi.useFakeTimers({ toFake: ["performance"], now: 0 });
  t.onTestFinished(() => void vi.useRealTimers());
}

describe("RateLimiter", () => {
  it("lets so many through in a window, and says how many are left and for how long", (t) => {
    fakeTime(t);
    const limiter = new WindowCounter(options);
    for (const left of [2, 1, 0]) {
      const standing = limiter.count("a");
      assert.partialDeepStrictEqual(standing, { left, isOver: false, resetSeconds: 60 });
      assert.equal(standing.items.limit, `"token"; r=${left}; t=60`);
      assert.match(standing.items.policy, /^"token"; q=3; w=60; pk=:[A-Za-z0-9+/]{16}:$/);
      assert.equal(limiter.isUsedUp("a"), left === 0);
    }
    vi.advanceTimersByTime(59_001);
    assert.partialDeepStrictEqual(limiter.count("a"), { left: 0, isOver: true, resetSeconds: 1 });
    vi.advanceTimersByTime(999);
    assert.equal(limiter.isUsedUp("a"), false);
    assert.partialDeepStrictEqual(limiter.count("a", 4), { left: 0, isOver: true, resetSeconds: 60 });
  });

  it("counts further keys together, and each for itself again after a while", (t) => {
    fakeTime(t);
    const limiter = new WindowCounter(options);
    const isOver = (key: string) => limiter.count(key).isOver;
    for (const key of ["a", "b", "c"]) assert.equal(isOver(key), false);
    for (let next = 0; next < 1_000; next += 1) assert.equal(isOver(`other ${next}`), next >= 3);
    assert.equal(limiter.isUsedUp("never asked"), true);
    assert.equal(isOver("a"), false);

    vi.advanceTimersByTime(60_000);
    for (const key of ["other 1", "other 2", "a"]) assert.equal(limiter.count(key).left, 2);
  });

  it("never lets more through in a window than its limit, whatever is counted when", (t) => {
    fakeTime(t);
    const step = fc.record({ key: fc.constantFrom("a", "b", "c", "d", "e"), waitMs: fc.nat(40_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const limiter = new WindowCounter({ ...options, maxKeys: 10 });
        const passed = new Map<string, number[]>();
        for (const { key, waitMs } of steps) {
          vi.advanceTimersByTime(waitMs);
          if (!limiter.count(key).isOver) passed.set(key, [...(passed.get(key) ?? []), performance.now()]);
        }
        // Two windows may meet, no more: within half of one there are never more than those of both.
        for (const times of passed.values())
          for (const time of times)
            assert.ok(times.filter((other) => other >= time && other < time + 60_000).length <= 6);
      }),
    );
  });
});
