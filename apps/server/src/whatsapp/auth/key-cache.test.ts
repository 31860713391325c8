import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { RecentKeys } from "./key-cache.ts";

/** Stored keys, by type and id, and how often each was read. */
function arrange() {
  const stored = new Map<string, string>();
  const reads: string[] = [];
  let holdUp = async () => {};
  const keys = new RecentKeys({
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
    keys.changed([{ type, id, value }]);
  };
  return { keys, reads, write, hold: (until: Promise<void>) => (holdUp = () => until) };
}

describe("RecentKeys", () => {
  it("reads once what is there, and what is not", async () => {
    const { keys, reads, write } = arrange();
    write("lid-mapping", "1", '"9"');
    for (let time = 0; time < 2; time += 1) {
      assert.deepEqual(await keys.readKeys("lid-mapping", ["1", "2"]), [{ id: "1", value: '"9"' }]);
    }
    assert.deepEqual(reads, ["1", "2"]);
  });

  it("reads again what was changed, and everything when it was told to forget", async () => {
    const { keys, reads, write } = arrange();
    assert.deepEqual(await keys.readKeys("tctoken", ["1"]), []);
    write("tctoken", "1", "{}");
    assert.deepEqual(await keys.readKeys("tctoken", ["1"]), [{ id: "1", value: "{}" }]);
    keys.forgetAll();
    await keys.readKeys("tctoken", ["1"]);
    assert.deepEqual(reads, ["1", "1", "1"]);
  });

  it("does not remember what was read before a change that came meanwhile", async () => {
    const { keys, write, hold } = arrange();
    const { promise, resolve } = Promise.withResolvers<void>();
    hold(promise);
    const early = keys.readKeys("tctoken", ["1"]);
    write("tctoken", "1", "{}");
    resolve();
    assert.deepEqual(await early, []);
    assert.deepEqual(await keys.readKeys("tctoken", ["1"]), [{ id: "1", value: "{}" }]);
  });

  it("remembers no other keys", async () => {
    const { keys, reads } = arrange();
    for (let time = 0; time < 2; time += 1) await keys.readKeys("session", ["1"]);
    assert.deepEqual(reads, ["1", "1"]);
  });

  it("remembers no more than so many", async () => {
    const { keys, reads } = arrange();
    for (let id = 0; id <= 2_000; id += 1) await keys.readKeys("tctoken", [`${id}`]);
    reads.length = 0;
    await keys.readKeys("tctoken", ["0", "2000"]);
    assert.deepEqual(reads, ["0"]);
  });
});
