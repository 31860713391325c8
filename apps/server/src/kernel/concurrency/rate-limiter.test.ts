import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { RateLimiter } from "./rate-limiter.ts";

const begin = async () => performance.now();
const forever = new AbortController().signal;

describe("A pace that is changed", { timeout: 20_000 }, () => {
  it("begins what waits for its turn at the old one, and what comes after it", async () => {
    const pace = new RateLimiter({ perMinute: 1, concurrency: 1 });
    const begun = Array.from({ length: 3 }, (_, place) => pace.schedule(begin, place, forever));
    await begun[0];
    pace.setRate(60_000);
    const times = await Promise.all(begun);
    assert.deepEqual(
      times,
      times.toSorted((one, other) => one - other),
    );
  });

  it("holds the next turn when it is lower", async () => {
    const pace = new RateLimiter({ perMinute: 60_000, concurrency: 1 });
    await pace.schedule(begin, 0, forever);
    pace.setRate(1);
    const soon = AbortSignal.timeout(100);
    await assert.rejects(pace.schedule(begin, 1, soon), (error) => error === soon.reason);
  });

  it("leaves a pause that has begun as long as it is", async () => {
    const pace = new RateLimiter({ perMinute: 6_000, concurrency: 1 });
    const pausedAt = await pace.schedule(begin, 0, forever);
    // 25 turns of 10 ms.
    pace.backOff();
    const waiting = pace.schedule(begin, 1, forever);
    pace.setRate(60_000);
    const tookMs = (await waiting) - pausedAt;
    assert.ok(tookMs >= 249, `${tookMs} ms`);
  });

  it("makes pauses of its own turns, longer each time until something went well", async () => {
    const pace = new RateLimiter({ perMinute: 1, concurrency: 1 });
    pace.setRate(60_000);
    const pauseMs = async () => {
      const pausedAt = performance.now();
      pace.backOff();
      return (await pace.schedule(begin, 0, forever)) - pausedAt;
    };
    for (const leastMs of [25, 50, 100, 200, 400]) {
      const tookMs = await pauseMs();
      assert.ok(tookMs >= leastMs - 1, `${tookMs} ms`);
    }
    pace.resetBackoff();
    const tookMs = await pauseMs();
    assert.ok(tookMs < 400, `${tookMs} ms`);
  });
});
