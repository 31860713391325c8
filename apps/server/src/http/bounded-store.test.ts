import assert from "node:assert/strict";
import { describe, it, vi } from "vitest";
import { BoundedStore } from "./bounded-store.ts";

describe("BoundedStore", () => {
  it("counts further keys together, and each for itself again after a while", async (t) => {
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now: 0 });
    t.onTestFinished(() => void vi.useRealTimers());
    const store = new BoundedStore(3, 60_000);
    t.onTestFinished(() => store.shutdown());
    const count = async (key: string) => (await store.increment(key)).totalHits;
    for (const key of ["a", "b", "c"]) assert.equal(await count(key), 1);
    for (let next = 0; next < 1_000; next += 1) assert.equal(await count(`other ${next}`), next + 1);
    assert.equal((await store.get("never asked"))?.totalHits, 1_000);
    assert.equal(store.current.size, 4);
    assert.equal(await count("a"), 2);

    vi.advanceTimersByTime(120_000);
    assert.deepEqual([store.current.size, store.previous.size], [0, 0]);
    assert.equal(await count("other 1"), 1);
    assert.equal(await count("other 2"), 1);
  });
});
