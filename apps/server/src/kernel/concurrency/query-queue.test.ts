import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import type { QueryReply } from "../../whatsapp/socket/connection.ts";
import { Failure } from "../failures.ts";
import { Deadline, QueryQueue } from "./query-queue.ts";

const reply: QueryReply = { refused: true, code: 404 };
const failsAs = (name: string) => (error: unknown) => error instanceof Failure && error.name === name;

/** A query that ends when the test says so. */
function heldQuery() {
  const { promise, resolve, reject } = Promise.withResolvers<QueryReply>();
  let started = 0;
  return {
    run: () => {
      started += 1;
      return promise;
    },
    finish: () => resolve(reply),
    fail: reject,
    get started() {
      return started;
    },
  };
}

/** A queue with a window of a fixed size. */
const queueOf = (size: number, maxWaiting: number) =>
  new QueryQueue<QueryReply>({ window: { size, max: size }, maxWaiting });

describe("QueryQueue", () => {
  const soon = () => new Deadline(10_000);

  it("runs equal queries once, and again when they are over", async () => {
    const queue = queueOf(2, 0);
    const held = heldQuery();
    const both = [queue.run("same", soon(), held.run), queue.run("same", soon(), held.run)];
    held.finish();
    assert.deepEqual(await Promise.all(both), [reply, reply]);
    assert.equal(held.started, 1);
    await queue.run("same", soon(), held.run);
    assert.equal(held.started, 2);
  });

  it("tells all who share a query of its failure, and forgets it", async () => {
    const queue = queueOf(1, 0);
    const held = heldQuery();
    const both = [queue.run("same", soon(), held.run), queue.run("same", soon(), held.run)];
    held.fail(new Failure("DeviceNotReady", { retryAfter: 1 }));
    for (const each of both) await assert.rejects(each, failsAs("DeviceNotReady"));
    assert.deepEqual(await queue.run("same", soon(), async () => reply), reply);
  });

  it("refuses with DeviceBusy what would wait behind too many, but lets it join its equal", async () => {
    const queue = queueOf(1, 1);
    const held = heldQuery();
    const first = queue.run("first", soon(), held.run);
    const second = queue.run("second", soon(), held.run);
    await assert.rejects(queue.run("third", soon(), held.run), failsAs("DeviceBusy"));
    const joined = queue.run("second", soon(), held.run);
    held.finish();
    await Promise.all([first, second, joined]);
    assert.equal(held.started, 2);
  });

  it("refuses with DeviceBusy what does not get its turn before the deadline", async () => {
    const queue = queueOf(1, 5);
    const held = heldQuery();
    const first = queue.run("first", soon(), held.run);
    const late = heldQuery();
    await assert.rejects(queue.run("late", new Deadline(20), late.run), failsAs("DeviceBusy"));
    held.finish();
    await first;
    assert.equal(late.started, 0);
  });

  it("gives a query the time that is left", async () => {
    const queue = queueOf(1, 0);
    let given = 0;
    await queue.run("query", new Deadline(5_000), async (timeoutMs) => {
      given = timeoutMs;
      return reply;
    });
    assert.ok(given > 0 && given <= 5_000);
  });

  it("never runs more at once than it may, and answers or refuses everyone", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 4 }),
        fc.array(fc.constantFrom(..."abcdefgh"), { minLength: 1, maxLength: 30 }),
        async (concurrency, maxWaiting, keys) => {
          const queue = queueOf(concurrency, maxWaiting);
          let running = 0;
          let most = 0;
          const ends = await Promise.allSettled(
            keys.map((key) =>
              queue.run(key, soon(), async () => {
                running += 1;
                most = Math.max(most, running);
                await new Promise(setImmediate);
                running -= 1;
                return reply;
              }),
            ),
          );
          assert.ok(most <= concurrency);
          const refused = ends.filter((end) => end.status === "rejected");
          assert.ok(refused.every(({ reason }) => failsAs("DeviceBusy")(reason)));
          if (new Set(keys).size <= concurrency + maxWaiting) assert.equal(refused.length, 0);
        },
      ),
    );
  });
});

describe("A query that is slow", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => void vi.useRealTimers());
  const later = () => new Deadline(60_000);
  const ask = (queue: QueryQueue<QueryReply>, key: string) => {
    const held = heldQuery();
    return { held, reply: queue.run(key, later(), held.run) };
  };

  it("leaves the window to those that wait, and so do further ones up to as many as it holds at most", async () => {
    const queue = new QueryQueue<QueryReply>({ window: { size: 2, max: 3 }, maxWaiting: 9 });
    const asked = [..."abcdefgh"].map((key) => ask(queue, key));
    const started = async () => {
      await new Promise(setImmediate);
      return asked.map(({ held }) => held.started).join("");
    };
    assert.equal(await started(), "11000000");
    vi.advanceTimersByTime(990);
    assert.equal(await started(), "11000000");
    vi.advanceTimersByTime(10);
    assert.equal(await started(), "11110000");
    vi.advanceTimersByTime(1_000);
    assert.equal(await started(), "11111000");
    vi.advanceTimersByTime(20_000);
    assert.equal(await started(), "11111000");
    assert.deepEqual([queue.running, queue.waiting], [5, 3]);
    asked[0]?.held.finish();
    await started();
    vi.advanceTimersByTime(0);
    assert.equal(await started(), "11111100");
    for (const { held } of asked) held.finish();
    await Promise.all(asked.map(({ reply }) => reply));
    assert.deepEqual([queue.running, queue.waiting, vi.getTimerCount()], [0, 0, 0]);
  });

  it("stays when nothing waits for its place, and leaves no timer", async () => {
    const queue = queueOf(1, 1);
    const slow = ask(queue, "slow");
    vi.advanceTimersByTime(5_000);
    assert.equal(vi.getTimerCount(), 0);
    const next = ask(queue, "next");
    assert.equal(next.held.started, 0);
    vi.advanceTimersByTime(0);
    await new Promise(setImmediate);
    assert.equal(next.held.started, 1);
    for (const { held } of [slow, next]) held.finish();
    await Promise.all([slow.reply, next.reply]);
    assert.equal(vi.getTimerCount(), 0);
  });

  it("is looked for no longer when those that waited have given up", async () => {
    const queue = queueOf(1, 1);
    const slow = ask(queue, "slow");
    const impatient = queue.run("impatient", new Deadline(100), async () => reply);
    vi.advanceTimersByTime(100);
    await assert.rejects(impatient, failsAs("DeviceBusy"));
    assert.equal(vi.getTimerCount(), 0);
    slow.held.finish();
    await slow.reply;
  });
});

describe("A window that shrinks", () => {
  it("starts none of those that wait before fewer are under way than it holds", async () => {
    const window = { size: 3, max: 3 };
    const queue = new QueryQueue<QueryReply>({ window, maxWaiting: 9 });
    const asked = [..."abcde"].map((key) => {
      const held = heldQuery();
      return { held, reply: queue.run(key, new Deadline(10_000), held.run) };
    });
    const started = async (finished: number) => {
      asked[finished]?.held.finish();
      await asked[finished]?.reply;
      await new Promise(setImmediate);
      return asked.map(({ held }) => held.started).join("");
    };
    window.size = 1;
    assert.equal(await started(0), "11100");
    assert.equal(await started(1), "11100");
    assert.equal(await started(2), "11110");
    window.size = 3;
    assert.equal(await started(3), "11111");
    asked[4]?.held.finish();
    await asked[4]?.reply;
  });
});

describe("Deadline", () => {
  it("counts down to a timeout", async () => {
    const deadline = new Deadline(5);
    assert.ok(deadline.remainingMs() >= 1);
    await setTimeout(20);
    assert.throws(() => deadline.remainingMs(), failsAs("WhatsAppTimeout"));
  });
});
