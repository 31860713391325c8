import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "vitest";
import { databasePath, openDatabase } from "../../storage/engine/database.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { sqliteIn } from "../../test-support/databases/test-database.ts";
import { type PictureKey, pictureFileRepository } from "./picture-files.repository.ts";

const hash = "5e".repeat(32);
const keyOf = (device_id: string): PictureKey => ({
  device_id,
  account_jid: "5511900000000@s.whatsapp.net",
  jid: "5511999999999@s.whatsapp.net",
  picture_id: "1",
  picture_size: "image",
});

describe("The pictures that are kept", () => {
  it("are in one folder each, but forgotten in all of them", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const [one, two] = [pictureFileRepository(database, "one"), pictureFileRepository(database, "two")];
    const key = keyOf(device.id);
    await one.add(key, { hash, bytes: 3_000 });
    assert.deepEqual([await two.find(key), [...(await two.used([hash]))]], [undefined, []]);
    await two.remove(key);
    await two.add(key, { hash, bytes: 3_000 });
    assert.deepEqual(await Promise.all([one.shrinkTo(3_000), two.shrinkTo(3_000)]), [[], []]);
    assert.deepEqual(await two.shrinkTo(0), [hash]);
    assert.equal((await one.find(key))?.hash, hash);
    await two.removeOf(device.id);
    assert.equal(await one.find(key), undefined);
  });

  it("of folders that no server uses any more are forgotten at last", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const [gone, here] = [pictureFileRepository(database, "gone"), pictureFileRepository(database, "here")];
    const key = keyOf(device.id);
    await gone.add(key, { hash, bytes: 1 });
    await here.add(key, { hash, bytes: 1 });
    await here.removeOfOthers(new Date(Date.now() - 60_000));
    assert.equal((await database.selectFrom("kept_pictures").selectAll().execute()).length, 2);
    await here.removeOfOthers(new Date(Date.now() + 60_000));
    const left = await database.selectFrom("kept_pictures").select("folder_id").execute();
    assert.deepEqual(
      left.map(({ folder_id }) => folder_id),
      ["here"],
    );
  });

  it("of an embedded database of an earlier version are still known", async (t) => {
    const { database, place, keyRing, dataDir, device } = await databaseWithDevice(t, sqliteIn);
    await database.destroy();
    const before = new DatabaseSync(databasePath(dataDir));
    before.exec(`
      drop table kept_pictures;
      create table kept_pictures (device_id text not null references devices (id) on delete cascade,
        account_jid text not null, jid text not null, picture_id text not null, picture_size text not null,
        hash text not null, bytes integer not null, used_at text not null,
        constraint kept_pictures_primary primary key (device_id, account_jid, jid, picture_id, picture_size));
      create index kept_pictures_by_use on kept_pictures (used_at);
      create index kept_pictures_by_hash on kept_pictures (hash);
      delete from kysely_migration where name >= '2026-12-several-pictures'`);
    const { device_id, account_jid, jid, picture_id, picture_size } = keyOf(device.id);
    before
      .prepare("insert into kept_pictures values (?, ?, ?, ?, ?, ?, 3, '2026-06-15T12:00:00.000Z')")
      .run(device_id, account_jid, jid, picture_id, picture_size, hash);
    before.close();
    const migrated = await openDatabase(place, keyRing);
    t.onTestFinished(() => migrated.destroy());
    const found = await pictureFileRepository(migrated, "").find(keyOf(device.id));
    assert.deepEqual([found?.hash, found?.bytes], [hash, 3]);
  });
});
