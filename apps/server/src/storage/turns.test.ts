import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { onceATurn, readTogether } from "./turns.ts";

describe("onceATurn", () => {
  it("works once for all who ask in a turn, after all of them have asked", async () => {
    let [asked, seen, times] = [0, 0, 0];
    const work = onceATurn(async () => {
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
    const work = onceATurn(async () => {
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

describe("readTogether", () => {
  it("reads in one piece what is asked for in a turn, each once, and gives everybody their own", async () => {
    const reads: (readonly string[])[] = [];
    const read = readTogether(async (keys: readonly string[]) => {
      reads.push(keys);
      return new Map(keys.filter((key) => key !== "none").map((key) => [key, key.length]));
    });
    const found = await Promise.all([read("a"), read("bb"), read("none"), read("a")]);
    assert.deepEqual(found, [1, 2, undefined, 1]);
    assert.equal(await read("ccc"), 3);
    assert.deepEqual(reads, [["a", "bb", "none"], ["ccc"]]);
  });
});
