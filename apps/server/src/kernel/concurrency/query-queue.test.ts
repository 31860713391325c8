import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import fc from "fast-check";
import { describe, it } from "vitest";
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

describe("QueryQueue", () => {
  const soon = () => new Deadline(10_000);

  it("runs equal queries once, and again when they are over", async () => {
    const queue = new QueryQueue({ concurrency: 2, maxWaiting: 0 });
    const held = heldQuery();
    const both = [queue.run("same", soon(), held.run), queue.run("same", soon(), held.run)];
    held.finish();
    assert.deepEqual(await Promise.all(both), [reply, reply]);
    assert.equal(held.started, 1);
    await queue.run("same", soon(), held.run);
    assert.equal(held.started, 2);
  });

  it("tells all who share a query of its failure, and forgets it", async () => {
    const queue = new QueryQueue({ concurrency: 1, maxWaiting: 0 });
    const held = heldQuery();
    const both = [queue.run("same", soon(), held.run), queue.run("same", soon(), held.run)];
    held.fail(new Failure("DeviceNotReady", { retryAfter: 1 }));
    for (const each of both) await assert.rejects(each, failsAs("DeviceNotReady"));
    assert.deepEqual(await queue.run("same", soon(), async () => reply), reply);
  });

  it("refuses with DeviceBusy what would wait behind too many, but lets it join its equal", async () => {
    const queue = new QueryQueue({ concurrency: 1, maxWaiting: 1 });
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
    const queue = new QueryQueue({ concurrency: 1, maxWaiting: 5 });
    const held = heldQuery();
    const first = queue.run("first", soon(), held.run);
    const late = heldQuery();
    await assert.rejects(queue.run("late", new Deadline(20), late.run), failsAs("DeviceBusy"));
    held.finish();
    await first;
    assert.equal(late.started, 0);
  });

  it("gives a query the time that is left", async () => {
    const queue = new QueryQueue({ concurrency: 1, maxWaiting: 0 });
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
          const queue = new QueryQueue({ concurrency, maxWaiting });
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

describe("Deadline", () => {
  it("counts down to a timeout", async () => {
    const deadline = new Deadline(5);
    assert.ok(deadline.remainingMs() >= 1);
    await setTimeout(20);
    assert.throws(() => deadline.remainingMs(), failsAs("WhatsAppTimeout"));
  });
});
