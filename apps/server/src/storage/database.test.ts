import assert from "node:assert/strict";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { databaseWithDevice, temporaryDatabase } from "../test-support/temporary-database.ts";
import { isAnswering, openDatabase } from "./database.ts";
import { devicesIn } from "./devices.ts";

describe("openDatabase", () => {
  it("makes the folder, for its owner only, and every table", async (t) => {
    const { dataDir } = await temporaryDatabase(t);
    const inner = join(dataDir, "made", "on", "the", "way");
    const database = await openDatabase(inner);
    assert.equal((await stat(inner)).mode & 0o777, 0o700);
    assert.equal((await stat(join(inner, "wuts.sqlite"))).mode & 0o777, 0o600);
    await database.destroy();
    const file = new DatabaseSync(join(inner, "wuts.sqlite"));
    const tables = file.prepare("select name from sqlite_master where type = 'table'").all();
    file.close();
    for (const name of [
      "tenants",
      "users",
      "tokens",
      "devices",
      "credentials",
      "signal_keys",
      "registrations",
    ]) {
      assert.ok(
        tables.some((table) => table.name === name),
        name,
      );
    }
  });

  it("finds everything again when it is opened again", async (t) => {
    const { dataDir, userId, device } = await databaseWithDevice(t);
    const again = await openDatabase(dataDir);
    const [found] = await devicesIn(again).listOwned(userId, 10);
    assert.deepEqual({ ...found }, device);
    await again.destroy();
  });

  it("writes through to the disk, and keeps references true", async (t) => {
    const { database } = await temporaryDatabase(t);
    await assert.rejects(devicesIn(database).create("nobody", "Device"), /FOREIGN KEY/);
  });

  it("says so when the file is no database", async (t) => {
    const { dataDir } = await temporaryDatabase(t);
    const inner = join(dataDir, "other");
    await (await openDatabase(inner)).destroy();
    await writeFile(join(inner, "wuts.sqlite"), "this is no database, and it is long enough to tell");
    await assert.rejects(openDatabase(inner), /not a database|could not be brought up to date/);
  });

  it("refuses a database of a newer server", async (t) => {
    const { dataDir } = await temporaryDatabase(t);
    const file = new DatabaseSync(join(dataDir, "wuts.sqlite"));
    file.exec("insert into kysely_migration values ('2999-01-from-the-future', '2999-01-01')");
    file.close();
    await assert.rejects(openDatabase(dataDir), /could not be brought up to date/);
  });
});

describe("isAnswering", () => {
  it("is false once the database is closed", async (t) => {
    const { dataDir } = await temporaryDatabase(t);
    const database = await openDatabase(join(dataDir, "other"));
    assert.equal(await isAnswering(database), true);
    await database.destroy();
    assert.equal(await isAnswering(database), false);
  });
});
