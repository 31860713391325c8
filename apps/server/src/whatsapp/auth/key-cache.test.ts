import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { KeyCache } from "./key-cache.ts";

/** Stored keys, by type and id, and how often each was read. */
function arrange() {
  const stored = new Map<string, string>();
  const reads: string[] = [];
  let holdUp = async () => {};
  const keys = new KeyCache({
    async readKeys(type, ids) {
      reads.push(...ids);
      const found = ids.flatMap((id) => {
        const value = stored.get(`${type} ${id}`);
        return value === undefined ? [] : [{ id, value }];
      });
      await holdUp();
      return found;
    },
  });
  const write = (type: string, id: string, value: string) => {
    stored.set(`${type} ${id}`, value);
    keys.invalidate([{ type, id, value }]);
  };
  return { keys, reads, write, hold: (until: Promise<void>) => (holdUp = () => until) };
}

describe("KeyCache", () => {
  it("reads once what is there, and what is not", async () => {
    const { keys, reads, write } = arrange();
    write("lid-mapping", "1", '"9"');
    for (let time = 0; time < 2; time += 1) {
      assert.deepEqual(await keys.readKeys("lid-mapping", ["1", "2"]), [{ id: "1", value: '"9"' }]);
    }
    assert.deepEqual(reads, ["1", "2"]);
  });

  it("reads again what was changed, and everything when it was cleared", async () => {
    const { keys, reads, write } = arrange();
    assert.deepEqual(await keys.readKeys("tctoken", ["1"]), []);
    write("tctoken", "1", "{}");
    assert.deepEqual(await keys.readKeys("tctoken", ["1"]), [{ id: "1", value: "{}" }]);
    keys.clear();
    await keys.readKeys("tctoken", ["1"]);
    assert.deepEqual(reads, ["1", "1", "1"]);
  });

  it("does not cache what was read before a change that came meanwhile", async () => {
    const { keys, write, hold } = arrange();
    const { promise, resolve } = Promise.withResolvers<void>();
    hold(promise);
    const early = keys.readKeys("tctoken", ["1"]);
    write("tctoken", "1", "{}");
    resolve();
    assert.deepEqual(await early, []);
    assert.deepEqual(await keys.readKeys("tctoken", ["1"]), [{ id: "1", value: "{}" }]);
  });

  it("gives what was cached when it was asked, whatever is changed while the others are read", async () => {
    const { keys, write, hold } = arrange();
    write("tctoken", "1", "{}");
    await keys.readKeys("tctoken", ["1"]);
    const { promise, resolve } = Promise.withResolvers<void>();
    hold(promise);
    const both = keys.readKeys("tctoken", ["1", "2"]);
    write("tctoken", "1", "[]");
    resolve();
    assert.deepEqual(await both, [{ id: "1", value: "{}" }]);
  });

  it("caches no other keys", async () => {
    const { keys, reads } = arrange();
    for (let time = 0; time < 2; time += 1) await keys.readKeys("session", ["1"]);
    assert.deepEqual(reads, ["1", "1"]);
  });

  it("caches so many at the most, those that were used last", async () => {
    const { keys, reads } = arrange();
    for (let id = 0; id < 2_000; id += 1) await keys.readKeys("tctoken", [`${id}`]);
    await keys.readKeys("tctoken", ["0"]);
    await keys.readKeys("tctoken", ["2000"]);
    reads.length = 0;
    await keys.readKeys("tctoken", ["0", "1", "2000"]);
    assert.deepEqual(reads, ["1"]);
  });
});
