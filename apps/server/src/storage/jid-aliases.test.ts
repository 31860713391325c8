import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { databaseWithDevice } from "../test-support/temporary-database.ts";
import { jidAliasesIn } from "./jid-aliases.ts";

describe("JID aliases", () => {
  it("are remembered, replaced and forgotten", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const aliases = jidAliasesIn(database, device.id);
    assert.equal(await aliases.find("a"), undefined);
    await aliases.remember("a", "b");
    await aliases.remember("a", "c");
    await aliases.remember("x", "y");
    assert.equal(await aliases.find("a"), "c");
    await aliases.forget("a");
    assert.deepEqual([await aliases.find("a"), await aliases.find("x")], [undefined, "y"]);
  });

  it("are at most 10,000; the oldest are forgotten first", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const aliases = jidAliasesIn(database, device.id);
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      device_id: device.id,
      asked_jid: `asked-${index}`,
      actual_jid: "actual",
      learned_at: new Date(Date.UTC(2026, 0, 1) + index).toISOString(),
    }));
    for (let start = 0; start < rows.length; start += 1_000) {
      await database
        .insertInto("jid_aliases")
        .values(rows.slice(start, start + 1_000))
        .execute();
    }
    await aliases.remember("new", "actual");
    assert.deepEqual(
      [await aliases.find("asked-0"), await aliases.find("asked-1"), await aliases.find("new")],
      [undefined, "actual", "actual"],
    );
    const count = await database
      .selectFrom("jid_aliases")
      .select(({ fn }) => fn.countAll<number>().as("n"))
      .executeTakeFirst();
    assert.equal(count?.n, 10_000);
  });
});
