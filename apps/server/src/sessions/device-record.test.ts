import assert from "node:assert/strict";
import { pino } from "pino";
import { describe, it, type TestContext } from "vitest";
import { databaseWithDevice } from "../test-support/databases/temporary-database.ts";
import { DeviceRecord } from "./device-record.ts";
import { type DeviceChanges, deviceRepository } from "./devices.repository.ts";

async function recordOf(t: TestContext) {
  const { database, device } = await databaseWithDevice(t);
  const rows = deviceRepository(database);
  const record = new DeviceRecord(device, rows, pino({ level: "silent" }));
  /** Stores a change once `when` has come. */
  const storing =
    (changes: DeviceChanges, when: Promise<void> = Promise.resolve()) =>
    async () => {
      await when;
      await rows.update(device.id, changes);
      return changes;
    };
  const find = () => rows.find(device.id);
  const stored = async () => {
    await record.saved();
    const { name, standing } = (await find()) ?? {};
    return { name, standing };
  };
  const shown = () => ({ name: record.row.name, standing: record.row.standing });
  return { record, storing, find, stored, shown, device };
}

describe("What is stored of a device", () => {
  it("has what was changed last, in memory and in the database, and what was saved meanwhile", async (t) => {
    const { record, storing, find, stored, shown } = await recordOf(t);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const changes = [
      record.change(storing({ name: "First" }, late)),
      record.change(storing({ name: "Second" })),
    ];
    record.save({ standing: "paired" });
    assert.deepEqual(shown(), { name: "Device", standing: "paired" });
    // Long enough for the second change to overtake, if no queue held it back.
    for (let look = 0; look < 10; look += 1) await find();
    resolve();
    await Promise.all(changes);
    for (const found of [shown(), await stored()])
      assert.deepEqual(found, { name: "Second", standing: "paired" });
  });

  it("is what it was when a change is refused, and what comes after that is stored", async (t) => {
    const { record, storing, stored, shown, device } = await recordOf(t);
    const refused = new Error("refused");
    await assert.rejects(
      record.change(() => Promise.reject(refused)),
      refused,
    );
    assert.deepEqual(record.row, device);
    record.save({ standing: "paired" });
    await record.change(storing({ name: "New" }));
    for (const found of [shown(), await stored()])
      assert.deepEqual(found, { name: "New", standing: "paired" });
  });

  it("has when WhatsApp last sent anything, to a minute, also when the clock is put back", async (t) => {
    const { record, find, device } = await recordOf(t);
    const stored = async () => {
      await record.saved();
      return (await find())?.last_activity_at;
    };
    const [noon, soon, later, earlier] = ["12:00:00", "12:01:00", "12:01:01", "11:00:00"].map(
      (time) => new Date(`2026-06-15T${time}.000Z`),
    );
    for (const [heard, expected] of [
      [noon, noon],
      [soon, noon],
      [later, later],
      [earlier, earlier],
    ]) {
      if (heard) record.recordActivity(heard);
      assert.equal(await stored(), expected?.toISOString());
    }
    record.saveActivity(noon);
    assert.equal(await stored(), noon?.toISOString());
    assert.equal((await find())?.updated_at, device.updated_at);
  });
});
