import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { databaseWithDevice } from "../test-support/temporary-database.ts";
import { registrationsIn } from "./registrations.ts";

describe("registrations", () => {
  it("are remembered, replaced and forgotten", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const registrations = registrationsIn(database, device.id);
    assert.equal(await registrations.find("a"), undefined);
    await registrations.remember("a", "b");
    await registrations.remember("a", "c");
    await registrations.remember("x", "y");
    assert.equal((await registrations.find("a"))?.jid, "c");
    await registrations.forget("a");
    assert.deepEqual([await registrations.find("a"), (await registrations.find("x"))?.jid], [undefined, "y"]);
  });

  it("are at most 10,000; the oldest are forgotten first", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const registrations = registrationsIn(database, device.id);
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      device_id: device.id,
      asked_jid: `asked-${index}`,
      jid: "actual",
      checked_at: new Date(Date.UTC(2026, 0, 1) + index).toISOString(),
    }));
    for (let start = 0; start < rows.length; start += 1_000) {
      await database
        .insertInto("registrations")
        .values(rows.slice(start, start + 1_000))
        .execute();
    }
    await registrations.remember("new", "actual");
    assert.deepEqual(
      await Promise.all(
        ["asked-0", "asked-1", "new"].map(async (asked) => (await registrations.find(asked))?.jid),
      ),
      [undefined, "actual", "actual"],
    );
    const count = await database
      .selectFrom("registrations")
      .select(({ fn }) => fn.countAll<number>().as("n"))
      .executeTakeFirst();
    assert.equal(count?.n, 10_000);
  });
});
