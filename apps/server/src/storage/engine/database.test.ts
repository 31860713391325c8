import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sql } from "kysely";
import { describe, it } from "vitest";
import { type DeviceRepository, deviceRepository } from "../../sessions/devices.repository.ts";
import { databaseWithDevice, temporaryDatabase } from "../../test-support/databases/temporary-database.ts";
import { sqliteIn } from "../../test-support/databases/test-database.ts";
import { credentialRepository } from "../../whatsapp/auth/credentials.repository.ts";
import { openKeyRing } from "../encryption/key-ring.ts";
import { openDatabase } from "./database.ts";

describe("openDatabase", () => {
  it("makes the folder, for its owner only, and every table", async (t) => {
    const { dataDir } = await temporaryDatabase(t, sqliteIn);
    const inner = join(dataDir, "made", "on", "the", "way");
    const database = await openDatabase({ dataDir: inner }, openKeyRing(inner));
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
      "audit",
    ]) {
      assert.ok(
        tables.some((table) => table.name === name),
        name,
      );
    }
  });

  it("finds everything again when it is opened again", async (t) => {
    const { dataDir, userId, device } = await databaseWithDevice(t, sqliteIn);
    const again = await openDatabase({ dataDir }, openKeyRing(dataDir));
    const [found] = await deviceRepository(again).listOwned(userId, 10);
    assert.deepEqual({ ...found }, device);
    await again.destroy();
  });

  it("writes through to the disk, and keeps references true", async (t) => {
    const { database } = await temporaryDatabase(t, sqliteIn);
    await assert.rejects(deviceRepository(database).create("nobody", "Device"), /FOREIGN KEY/);
  });

  it("makes the key at the first start, and no other in its place when it is lost", async (t) => {
    const { database, keyRing, dataDir, device } = await databaseWithDevice(t, sqliteIn);
    const path = join(dataDir, "secret.key");
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await credentialRepository(database, keyRing, device.id).write("creds", []);
    const [{ id }] = keyRing.keys();
    await rename(path, `${path}.elsewhere`);
    const missing = {
      name: "SecretKeyError",
      message: `The database holds credentials under the key ${id}, which is not in ${path}: put it back.`,
    };
    await assert.rejects(openDatabase({ dataDir }, openKeyRing(dataDir)), missing);
    assert.equal(existsSync(path), false);
    await rename(`${path}.elsewhere`, path);
    const again = await openDatabase({ dataDir }, openKeyRing(dataDir));
    assert.equal(await credentialRepository(again, openKeyRing(dataDir), device.id).read(), "creds");
    await again.destroy();
  });

  it("overwrites what is deleted", async (t) => {
    const { userId, dataDir } = await databaseWithDevice(t, sqliteIn);
    const contains = async (text: string) => (await readFile(join(dataDir, "wuts.sqlite"))).includes(text);
    const inFile = async (use: (rows: DeviceRepository) => Promise<unknown>) => {
      const database = await openDatabase({ dataDir }, openKeyRing(dataDir));
      await use(deviceRepository(database));
      await sql`pragma wal_checkpoint(truncate)`.execute(database);
      await database.destroy();
    };
    const ids: string[] = [];
    await inFile(async (rows) => {
      for (let index = 0; index < 200; index += 1) ids.push((await rows.create(userId, "SWORDFISH")).id);
    });
    assert.equal(await contains("SWORDFISH"), true);
    await inFile(async (rows) => {
      for (const id of ids) await rows.delete(id);
    });
    assert.equal(await contains("SWORDFISH"), false);
  });

  it("says so when the file is no database", async (t) => {
    const { dataDir } = await temporaryDatabase(t, sqliteIn);
    const inner = join(dataDir, "other");
    await (await openDatabase({ dataDir: inner }, openKeyRing(inner))).destroy();
    await writeFile(join(inner, "wuts.sqlite"), "this is no database, and it is long enough to tell");
    await assert.rejects(
      openDatabase({ dataDir: inner }, openKeyRing(inner)),
      /not a database|could not be brought up to date/,
    );
  });

  it("refuses a database of a newer server", async (t) => {
    const { dataDir } = await temporaryDatabase(t, sqliteIn);
    const file = new DatabaseSync(join(dataDir, "wuts.sqlite"));
    file.exec("insert into kysely_migration values ('2999-01-from-the-future', '2999-01-01')");
    file.close();
    await assert.rejects(openDatabase({ dataDir }, openKeyRing(dataDir)), /could not be brought up to date/);
  });
});
