import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { describe, it, type TestContext } from "vitest";
import { makeSecretKey } from "../../kernel/secret-key.ts";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import { textAt } from "../../test-support/call.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { sqliteIn } from "../../test-support/databases/test-database.ts";
import { compileCache } from "../../test-support/processes/server-process.ts";
import { until } from "../../test-support/until.ts";
import { credentialRepository } from "../../whatsapp/auth/credentials.repository.ts";
import { type Database, openDatabase } from "../engine/database.ts";
import { idempotencyKeyRepository } from "../idempotency/idempotency-keys.repository.ts";
import { type KeyRing, openKeyRing } from "./key-ring.ts";
import { rotate, rowsByKey } from "./rotation.ts";
import { seal } from "./sealing.ts";

const rotatingProcess = fileURLToPath(
  new URL("../../test-support/processes/rotating-process.ts", import.meta.url),
);

/** How many rows the write of a running server changes here: an identity and two keys. */
const rowsOfWrite = 3;

describe("rotate", () => {
  /** A database with two devices; the first has this many keys. */
  const begin = async (t: TestContext, count = 1_000) => {
    const { database, keyRing, dataDir, device, userId } = await databaseWithDevice(t, sqliteIn);
    const ids = Array.from({ length: count }, (_, index) => String(index));
    await credentialRepository(database, keyRing, device.id).write(
      "identity",
      ids.map((id) => ({ type: "pre-key", id, value: `value ${id}` })),
    );
    const other = await deviceRepository(database).create(userId, "Other");
    await credentialRepository(database, keyRing, other.id).write("other identity", [
      { type: "pre-key", id: "1", value: "other value" },
    ]);
    const assertReadable = async (ring: KeyRing, using: Database = database) => {
      const credentials = credentialRepository(using, ring, device.id);
      assert.equal(await credentials.read(), "identity");
      const keys = await credentials.readKeys("pre-key", ids);
      assert.equal(keys.length, count);
      for (const { id, value } of keys) assert.equal(value, `value ${id}`);
      assert.equal(await credentialRepository(using, ring, other.id).read(), "other identity");
    };
    const file = new DatabaseSync(join(dataDir, "wuts.sqlite"), { timeout: 5_000 });
    t.onTestFinished(() => file.close());
    return { database, keyRing, dataDir, device, file, assertReadable, rows: count + 3 };
  };
  const keyIdsInUse = async (database: Database) => new Set((await rowsByKey(database)).keys());
  const idsOf = (ring: KeyRing) => ring.keys().map(({ id }) => id);

  it("encrypts every row with a new key; the one before stays until the next time", async (t) => {
    const { database, keyRing, dataDir, assertReadable, rows } = await begin(t);
    const [first] = idsOf(keyRing);
    const before = await readFile(join(dataDir, "secret.key"), "utf8");
    const second = await rotate(database, keyRing);
    assert.deepEqual(second, { rows, keyId: idsOf(keyRing)[0], dropped: [], left: 0 });
    assert.deepEqual(idsOf(keyRing), [second.keyId, first]);
    assert.deepEqual(await keyIdsInUse(database), new Set([second.keyId]));
    await assertReadable(openKeyRing(dataDir));

    const third = await rotate(database, keyRing);
    assert.deepEqual(third, { rows, keyId: idsOf(keyRing)[0], dropped: [first], left: 0 });
    assert.deepEqual(idsOf(keyRing), [third.keyId, second.keyId]);
    assert.ok(!(await readFile(join(dataDir, "secret.key"), "utf8")).includes(before.trim()));
    await assertReadable(openKeyRing(dataDir));
  });

  it("encrypts kept responses, too", async (t) => {
    const { database, keyRing, dataDir } = await begin(t, 1);
    const { id: tokenId, user_id: owner } = await database
      .selectFrom("tokens")
      .selectAll()
      .executeTakeFirstOrThrow();
    const request = { id: "a hash", owner, tokenId, digest: "of a request", attemptId: "the first" };
    const response = { status: 201, body: '{"success":true}' };
    const until = new Date(Date.now() + 60_000);
    const rows = (ring: KeyRing) => idempotencyKeyRepository(database, ring, "a server", () => false);
    assert.equal(await rows(keyRing).reserve(request, new Date()), "reserved");
    assert.equal(await rows(keyRing).keep(database, request, response, until), true);
    for (let times = 0; times < 2; times += 1) {
      const { keyId, left } = await rotate(database, keyRing);
      assert.deepEqual([await keyIdsInUse(database), left], [new Set([keyId]), 0]);
    }
    const again = { ...request, attemptId: "the second" };
    assert.deepEqual(await rows(openKeyRing(dataDir)).reserve(again, new Date()), response);
  });

  it("encrypts everything with the first key of the setting, and does nothing when it is", async (t) => {
    const { database, keyRing, dataDir, assertReadable, rows } = await begin(t);
    const newest = makeSecretKey();
    // From the file to the setting, which names the file's key behind the new one.
    const setting = openKeyRing(dataDir, [newest, ...keyRing.keys()]);
    assert.deepEqual(await rotate(database, setting), { rows, keyId: newest.id, dropped: [], left: 0 });
    assert.deepEqual(await rotate(database, setting), {
      rows: 0,
      keyId: newest.id,
      dropped: [],
      left: 0,
    });
    await assertReadable(openKeyRing(dataDir, [newest]));
    assert.equal((await rotate(database, openKeyRing(dataDir, [newest]))).rows, 0);
  });

  it("leaves everything readable when it fails in the middle, and completes it the next time", async (t) => {
    const { database, keyRing, dataDir, file, assertReadable, rows } = await begin(t);
    file.exec(
      "create trigger stop before update on signal_keys when new.id = '700' begin select raise(abort, 'disk full'); end",
    );
    await assert.rejects(rotate(database, keyRing), /disk full/);
    assert.equal((await keyIdsInUse(database)).size, 2);
    await assertReadable(openKeyRing(dataDir));
    file.exec("drop trigger stop");
    const [interrupted, first] = idsOf(keyRing);
    const { keyId, dropped, rows: done } = await rotate(database, keyRing);
    assert.deepEqual([done, dropped, idsOf(keyRing)], [rows, [first], [keyId, interrupted]]);
    await assertReadable(openKeyRing(dataDir));
  });

  const spawnRotation = (t: TestContext, dataDir: string): ChildProcess => {
    const child = spawn(process.execPath, [rotatingProcess], {
      env: { ...compileCache, WUTS_DATA_DIR: dataDir },
      stdio: ["ignore", "inherit", "inherit"],
    });
    t.onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  };

  it("leaves everything readable when it is killed in the middle, and completes it the next time", async (t) => {
    const { database, keyRing, dataDir, file, assertReadable, rows } = await begin(t, 5_000);
    const child = spawnRotation(t, dataDir);
    const ended = once(child, "exit");
    await until("some rows under each of two keys", async () => {
      const seen = file.prepare("select count(distinct key_id) as n from signal_keys").get()?.n;
      return { found: seen === 2 || undefined, seen };
    });
    child.kill("SIGKILL");
    assert.deepEqual(await ended, [null, "SIGKILL"]);
    assert.equal((await keyIdsInUse(database)).size, 2);
    const again = await openDatabase({ dataDir }, openKeyRing(dataDir));
    await assertReadable(openKeyRing(dataDir), again);
    await again.destroy();
    const { rows: done, keyId } = await rotate(database, keyRing);
    assert.deepEqual([done, await keyIdsInUse(database)], [rows, new Set([keyId])]);
    await assertReadable(openKeyRing(dataDir));
  });

  it("loses nothing when several run at once", async (t) => {
    const { database, dataDir, assertReadable } = await begin(t, 2_000);
    const children = Array.from({ length: 3 }, () => spawnRotation(t, dataDir));
    for (const [code] of await Promise.all(children.map((child) => once(child, "exit"))))
      assert.equal(code, 0);
    const ring = openKeyRing(dataDir);
    assert.deepEqual(await keyIdsInUse(database), new Set([idsOf(ring)[0]]));
    await assertReadable(ring);
  });

  it("changes the keys only while no other server writes", async (t) => {
    const { database, keyRing, dataDir, file } = await begin(t, 1);
    const before = idsOf(keyRing);
    await sql`pragma busy_timeout = 1`.execute(database);
    file.exec("begin immediate");
    await assert.rejects(rotate(database, keyRing), /locked/);
    file.exec("rollback");
    assert.deepEqual(idsOf(openKeyRing(dataDir)), before);
  });

  /** Rows change while a page of them is being replaced, as by a server that still writes with the old key. */
  const writeBehind = (file: DatabaseSync, table: string, when: string, change: string) =>
    file.exec(
      `create trigger behind_${table} after update on ${table} when ${when} begin update ${table} set ${change}; end`,
    );

  it("never puts an old value back", async (t) => {
    const { database, keyRing, dataDir, device, file } = await begin(t);
    const [newest, [older]] = [makeSecretKey(), keyRing.keys()];
    const key = seal(older, ["signal_keys", device.id, "pre-key", "11"], "a newer value").text;
    writeBehind(
      file,
      "signal_keys",
      `new.id = '10' and new.device_id = '${device.id}'`,
      `value = '${key}', key_id = '${older.id}' where id = '11' and device_id = '${device.id}'`,
    );
    const ids = file.prepare("select device_id from credentials order by device_id").all();
    const [first, second] = ids.map((row) => textAt(row, "device_id"));
    assert.ok(first !== undefined && second !== undefined);
    const identity = seal(older, ["credentials", second], "a newer identity").text;
    writeBehind(
      file,
      "credentials",
      `new.device_id = '${first}'`,
      `creds = '${identity}', key_id = '${older.id}' where device_id = '${second}'`,
    );

    const ring = openKeyRing(dataDir, [newest, older]);
    assert.equal((await rotate(database, ring)).left, 0);
    const keys = await credentialRepository(database, ring, device.id).readKeys("pre-key", ["11"]);
    assert.deepEqual(keys, [{ id: "11", value: "a newer value" }]);
    assert.equal(await credentialRepository(database, ring, second).read(), "a newer identity");
  });

  it("does not wait for a server that goes on with an old key, but counts what is left", async (t) => {
    const { database, keyRing, dataDir, device, file } = await begin(t);
    const [newest, [older]] = [makeSecretKey(), keyRing.keys()];
    const key = seal(older, ["signal_keys", device.id, "pre-key", "10"], "a newer value").text;
    writeBehind(
      file,
      "signal_keys",
      `new.id = '10' and new.key_id = '${newest.id}'`,
      `value = '${key}', key_id = '${older.id}' where id = '10'`,
    );
    assert.equal((await rotate(database, openKeyRing(dataDir, [newest, older]))).left, 1);
    file.exec("drop trigger behind_signal_keys");
    assert.equal((await rotate(database, openKeyRing(dataDir, [newest, older]))).left, 0);
  });

  it("goes on behind a server that writes: it does not undo what was written, and takes it along", async (t) => {
    const { database, keyRing, dataDir, device } = await begin(t, 3_000);
    const child = spawnRotation(t, dataDir);
    const ended = once(child, "exit");
    const credentials = credentialRepository(database, keyRing, device.id);
    let [writes, over] = [0, false];
    ended.then(() => {
      over = true;
    });
    while (!over) {
      writes += 1;
      await credentials.write(`identity ${writes}`, [
        { type: "session", id: "1", value: `session ${writes}` },
        { type: "pre-key", id: String(3_000 - (writes % 3_000)), value: `changed ${writes}` },
      ]);
      // SQLite has no queue: a writer that never pauses starves all others, which no server is.
      await pause(1);
    }
    assert.deepEqual(await ended, [0, null]);
    assert.ok(writes > 10, `${writes} writes`);
    assert.equal(await credentials.read(), `identity ${writes}`);
    assert.equal((await credentials.readKeys("session", ["1"]))[0]?.value, `session ${writes}`);
    // The server writes with the new key as soon as it is there. One write may have been encrypted before that, and have come to
    // the database behind the last pass: it stays under the old key, which is kept for it.
    const [newest, ...older] = idsOf(openKeyRing(dataDir));
    const behind = [...(await rowsByKey(database))].filter(([keyId]) => keyId !== newest);
    assert.ok(behind.every(([keyId]) => older.includes(keyId)));
    assert.ok(
      behind.reduce((sum, [, rows]) => sum + rows, 0) <= rowsOfWrite,
      `${behind.join()} are left behind`,
    );
  });

  it("steps over a row that cannot be read, counts it, and keeps the key that it names", async (t) => {
    const { database, keyRing, file, rows } = await begin(t);
    const [first] = idsOf(keyRing);
    file.exec("update signal_keys set value = (select value from signal_keys where id = '2') where id = '3'");
    for (let round = 0; round < 2; round += 1) {
      const { rows: done, dropped, left } = await rotate(database, keyRing);
      assert.deepEqual([done, left], [rows - 1, 1]);
      assert.ok(!dropped.includes(first ?? ""));
    }
    assert.ok(idsOf(keyRing).includes(first ?? ""));
  });
});
