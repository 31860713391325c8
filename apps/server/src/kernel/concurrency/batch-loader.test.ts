import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { describe, it } from "vitest";
import { batchLoader, coalesce, readInPieces } from "./batch-loader.ts";

describe("coalesce", () => {
  it("works once for all who ask in a turn, after all of them have asked", async () => {
    let [asked, seen, times] = [0, 0, 0];
    const work = coalesce(async () => {
      seen = asked;
      times += 1;
      return times;
    });
    const ask = () => {
      asked += 1;
      return work();
    };
    assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [1, 1, 1]);
    assert.equal(seen, 3);
    assert.equal(await ask(), 2);
  });

  it("tells all of them of a failure, and works again for the next", async () => {
    let times = 0;
    const work = coalesce(async () => {
      times += 1;
      if (times === 1) throw new Error("broken");
      return times;
    });
    const both = await Promise.allSettled([work(), work()]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.equal(await work(), 2);
  });
});

describe("batchLoader", () => {
  it("reads in one piece what is asked for in a turn, each once, and gives each caller its own", async () => {
    const reads: (readonly string[])[] = [];
    const read = batchLoader(async (keys: readonly string[]) => {
      reads.push(keys);
      return new Map(keys.filter((key) => key !== "none").map((key) => [key, key.length]));
    });
    const found = await Promise.all([read("a"), read("bb"), read("none"), read("a")]);
    assert.deepEqual(found, [1, 2, undefined, 1]);
    assert.equal(await read("ccc"), 3);
    assert.deepEqual(reads, [["a", "bb", "none"], ["ccc"]]);
  });
});

describe("readInPieces", () => {
  /** Reads which wait to be answered, in order. */
  const held = (most: number) => {
    const reads: { keys: readonly string[]; answer: PromiseWithResolvers<ReadonlyMap<string, number>> }[] =
      [];
    const read = readInPieces((keys: readonly string[]) => {
      const answer = Promise.withResolvers<ReadonlyMap<string, number>>();
      reads.push({ keys, answer });
      return answer.promise;
    }, most);
    return { reads, read };
  };

  it("has one read under way, whatever is asked for meanwhile, and reads that in pieces", async () => {
    const { reads, read } = held(2);
    const first = read("a");
    const rest = Promise.all(["b", "c", "c", "d"].map(read));
    assert.deepEqual(
      reads.map(({ keys }) => keys),
      [["a"]],
    );
    reads[0]?.answer.resolve(new Map([["a", 1]]));
    assert.equal(await first, 1);
    await setImmediate();
    reads[1]?.answer.resolve(new Map([["c", 3]]));
    await setImmediate();
    reads[2]?.answer.resolve(new Map([["d", 4]]));
    // What was asked for twice in one piece would be read once; here each piece has one of them.
    assert.deepEqual(await rest, [undefined, 3, undefined, 4]);
    assert.deepEqual(
      reads.map(({ keys }) => keys),
      [["a"], ["b", "c"], ["c", "d"]],
    );
  });

  it("tells a failure to those who were read for, and goes on with the others", async () => {
    const { reads, read } = held(10);
    const [first, second] = [read("a"), read("b")];
    reads[0]?.answer.reject(new Error("broken"));
    await assert.rejects(first, /broken/);
    reads[1]?.answer.resolve(new Map([["b", 2]]));
    assert.equal(await second, 2);
    const third = read("c");
    reads[2]?.answer.resolve(new Map());
    assert.equal(await third, undefined);
  });
});
