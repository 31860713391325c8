import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { databaseWithDevice } from "../../../test-support/databases/temporary-database.ts";
import { registrationRepository } from "./registrations.repository.ts";

describe("registrations", () => {
  it("are remembered, replaced and forgotten", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const registrations = registrationRepository(database, device.id);
    assert.equal(await registrations.find("a"), undefined);
    await registrations.remember({ askedJid: "a", jid: "b", lid: "1@lid" });
    await registrations.remember(
      { askedJid: "a", jid: "c", lid: null },
      { askedJid: "x", jid: "y", lid: "2@lid" },
    );
    await registrations.remember();
    assert.equal((await registrations.find("a"))?.jid, "c");
    assert.deepEqual(await registrations.findByLids(["1@lid", "2@lid"]), new Map([["2@lid", "y"]]));
    const all = [...(await registrations.findAll(["a", "x", "z"])).values()];
    assert.deepEqual(
      all.map(({ askedJid, jid, lid }) => [askedJid, jid, lid]),
      [
        ["a", "c", null],
        ["x", "y", "2@lid"],
      ],
    );
    await registrations.forget("a");
    assert.deepEqual([await registrations.find("a"), (await registrations.find("x"))?.jid], [undefined, "y"]);
  });

  it("are at most 10,000; the oldest are forgotten first", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const registrations = registrationRepository(database, device.id);
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      device_id: device.id,
      asked_jid: `asked-${index}`,
      jid: "actual",
      lid: null,
      checked_at: new Date(Date.UTC(2026, 0, 1) + index).toISOString(),
    }));
    for (let start = 0; start < rows.length; start += 1_000) {
      await database
        .insertInto("registrations")
        .values(rows.slice(start, start + 1_000))
        .execute();
    }
    await registrations.remember({ askedJid: "new", jid: "actual", lid: null });
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
    assert.equal(Number(count?.n), 10_000);
  });
});
