import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { BoundedReports, type LeftOut } from "./bounded-reports.ts";

describe("BoundedReports", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const bounded = () => {
    const reported: LeftOut[] = [];
    return {
      reported,
      reports: new BoundedReports({ most: 2, windowMs: 1_000 }, (leftOut) => reported.push(leftOut)),
    };
  };

  it("let so many of each kind and group through in a window, and say at its end how many they left out", () => {
    const { reported, reports } = bounded();
    const take = (group: string, kind: string, times: number) =>
      Array.from({ length: times }, () => reports.take(group, kind));
    assert.deepEqual(take("a", "x", 5), [true, true, false, false, false]);
    assert.deepEqual(take("b", "x", 2), [true, true]);
    assert.deepEqual(take("a", "y", 3), [true, true, false]);
    vi.advanceTimersByTime(999);
    assert.deepEqual(reported, []);
    vi.advanceTimersByTime(1);
    assert.deepEqual(reported, [
      { group: "a", kind: "x", leftOut: 3 },
      { group: "a", kind: "y", leftOut: 1 },
    ]);
    assert.deepEqual(take("a", "x", 3), [true, true, false]);
    vi.advanceTimersByTime(1_000);
    assert.equal(reported.length, 3);
  });

  it("count what they are told to leave out, and have a timer only while there is something to tell", () => {
    const { reported, reports } = bounded();
    assert.equal(vi.getTimerCount(), 0);
    reports.leaveOut("a", "x");
    assert.equal(vi.getTimerCount(), 1);
    reports.stop();
    assert.equal(vi.getTimerCount(), 0);
    assert.deepEqual(reported, [{ group: "a", kind: "x", leftOut: 1 }]);
    reports.stop();
    assert.equal(reported.length, 1);
  });
});
