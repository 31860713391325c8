import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { LivenessMonitor } from "./liveness-monitor.ts";

describe("A peer that is asked for a sign of life after 30 s, and has 10 s for it", () => {
  let now: number;
  let reported: string[];
  let signs: LivenessMonitor;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    reported = [];
    const tell = (what: string) => () => void reported.push(`${what} at ${now / 1000} s`);
    signs = new LivenessMonitor({ intervalMs: 30_000, timeoutMs: 10_000 }, tell("asked"), tell("given up"));
  });
  afterEach(() => {
    signs.stop();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      now += 1000;
      vi.advanceTimersByTime(1000);
      await setImmediate();
    }
  };

  it("is asked once, and given up when nothing comes", async () => {
    await pass(100);
    assert.deepEqual(reported, ["asked at 30 s", "given up at 40 s"]);
  });

  it("is not asked as long as it is heard, and 30 s after it was heard last", async () => {
    for (let round = 0; round < 10; round += 1) {
      await pass(29);
      signs.heard();
    }
    await pass(29);
    assert.deepEqual(reported, []);
    await pass(1);
    assert.deepEqual(reported, ["asked at 320 s"]);
  });

  it("is not given up when it is slow, and asked again 30 s later", async () => {
    await pass(39);
    signs.heard();
    await pass(40);
    assert.deepEqual(reported, ["asked at 30 s", "asked at 69 s", "given up at 79 s"]);
  });

  it("is not given up when what came is only heard after the 10 s, since everything stood still", async () => {
    await pass(30);
    now += 60_000;
    vi.advanceTimersByTime(60_000);
    // Timers come first, and then what has arrived.
    signs.heard();
    await setImmediate();
    assert.deepEqual(reported, ["asked at 30 s"]);
  });

  it("is neither asked nor given up any more when that is stopped", async () => {
    await pass(20);
    signs.stop();
    signs.heard();
    await pass(100);
    assert.deepEqual(reported, []);
  });

  it("is not given up when that is stopped after it was asked", async () => {
    await pass(35);
    signs.stop();
    signs.heard();
    await pass(100);
    assert.deepEqual(reported, ["asked at 30 s"]);
  });
});
