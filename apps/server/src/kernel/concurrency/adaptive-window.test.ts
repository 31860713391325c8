import assert from "node:assert/strict";
import fc from "fast-check";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { AdaptiveWindow } from "./adaptive-window.ts";

describe("AdaptiveWindow", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  it("grows by about one for each windowful of replies, up to the maximum", () => {
    const window = new AdaptiveWindow(10);
    window.shrink(performance.now(), 0.4);
    for (let replies = 0; replies < 5; replies += 1) window.grow();
    assert.equal(window.size, 5);
    for (let replies = 0; replies < 1_000; replies += 1) window.grow();
    assert.equal(window.size, 10);
  });

  it("shrinks once for all queries that were under way when it did", () => {
    const window = new AdaptiveWindow(64);
    const sentAt = performance.now();
    vi.advanceTimersByTime(10);
    for (let refusals = 0; refusals < 64; refusals += 1) window.shrink(sentAt, 0.5);
    assert.equal(window.size, 32);
    vi.advanceTimersByTime(10);
    window.shrink(performance.now(), 0.5);
    assert.equal(window.size, 16);
  });

  it("is never less than one or more than the maximum, whatever comes", () => {
    const step = fc.record({ grows: fc.boolean(), factor: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.array(step), (max, steps) => {
        const window = new AdaptiveWindow(max);
        for (const { grows, factor } of steps) {
          vi.advanceTimersByTime(1);
          if (grows) window.grow();
          else window.shrink(performance.now(), factor);
          assert.ok(window.size >= 1 && window.size <= max, `${window.size}`);
        }
      }),
    );
  });
});
