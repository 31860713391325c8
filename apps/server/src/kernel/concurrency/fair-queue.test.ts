import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { Failure } from "../failures.ts";
import { FairQueue } from "./fair-queue.ts";

const options = {
  concurrency: 1,
  maxWaiting: 10,
  limitMs: 60_000,
  refusal: () => new Failure("RateLimited", { retryAfter: 1 }),
};

/** Work that ends when the test says so. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

describe("FairQueue", () => {
  it("gives each owner their next in turn, however much one wants", async () => {
    const queue = new FairQueue(options);
    const first = held();
    const order: string[] = [];
    const note = (name: string) => async () => void order.push(name);
    const all = [
      queue.run("ana", first.work),
      ...["a1", "a2", "a3", "a4"].map((name) => queue.run("ana", note(name))),
      ...["b1", "b2"].map((name) => queue.run("bia", note(name))),
      queue.run("caio", note("c1")),
    ];
    first.end();
    await Promise.all(all);
    assert.deepEqual(order, ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
  });

  it("refuses what would have to wait behind too much of the same owner, and no other owner", async () => {
    const queue = new FairQueue({ ...options, maxWaiting: 2 });
    const first = held();
    const of = (owner: string) => queue.run(owner, async () => owner);
    const running = queue.run("ana", first.work);
    const waiting = [of("ana"), of("ana")];
    await assert.rejects(of("ana"), { name: "RateLimited" });
    const others = [of("bia"), of("bia")];
    first.end();
    await Promise.all([running, ...waiting, ...others]);
    assert.equal(await of("ana"), "ana");
  });

  it("refuses whose turn does not come in time, and goes on with the others", async () => {
    const queue = new FairQueue({ ...options, limitMs: 1 });
    const first = held();
    const running = queue.run("ana", first.work);
    await assert.rejects(
      queue.run("bia", async () => "never"),
      { name: "RateLimited" },
    );
    first.end();
    await running;
    assert.equal(await queue.run("bia", async () => "now"), "now");
  });

  it("does everything once, never more at once than it may, whatever fails", async () => {
    const step = fc.record({ owner: fc.constantFrom("a", "b", "c"), fails: fc.boolean() });
    const concurrency = fc.integer({ min: 1, max: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), concurrency, async (steps, most) => {
        const queue = new FairQueue({ ...options, concurrency: most, maxWaiting: 100 });
        let [underWay, done] = [0, 0];
        const ends = await Promise.allSettled(
          steps.map(({ owner, fails }) =>
            queue.run(owner, async () => {
              underWay += 1;
              assert.ok(underWay <= most);
              await Promise.resolve();
              underWay -= 1;
              done += 1;
              if (fails) throw new Error("as it may");
            }),
          ),
        );
        assert.equal(done, steps.length);
        assert.deepEqual(
          ends.map(({ status }) => status === "rejected"),
          steps.map(({ fails }) => fails),
        );
      }),
    );
  });
});
