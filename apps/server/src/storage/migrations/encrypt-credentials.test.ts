import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely, SqliteDialect } from "kysely";
import { Migrator } from "kysely/migration";
import { describe, it, type TestContext } from "vitest";
import { temporaryFolder } from "../../test-support/processes/server-process.ts";
import { credentialRepository } from "../../whatsapp/auth/credentials.repository.ts";
import { openKeyRing } from "../encryption/key-ring.ts";
import { openDatabase } from "../engine/database.ts";
import { openSqliteFile } from "../engine/node-sqlite.ts";
import { migrationProvider } from "./migrations.ts";

const marker = "SWORDFISH";
const device = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
const secret = (what: string) => `{"${marker}":"${what}"}`.padEnd(700, marker);
const ids = Array.from({ length: 1_200 }, (_, index) => String(index));

/** A database as it was before credentials were encrypted, with one device, and with the traces of deleted keys. */
async function plainDatabase(t: TestContext): Promise<{ dataDir: string; file: DatabaseSync }> {
  const dataDir = await temporaryFolder(t);
  const path = join(dataDir, "wuts.sqlite");
  const database = new Kysely({ dialect: new SqliteDialect({ database: async () => openSqliteFile(path) }) });
  const all = await migrationProvider(openKeyRing(dataDir)).getMigrations();
  const [[name, first] = []] = Object.entries(all);
  assert.ok(name !== undefined && first);
  const provider = { getMigrations: async () => ({ [name]: first }) };
  assert.equal((await new Migrator({ db: database, provider }).migrateToLatest()).error, undefined);
  await database.destroy();
  const file = new DatabaseSync(path);
  t.onTestFinished(() => {
    if (file.isOpen) file.close();
  });
  const now = new Date().toISOString();
  file.prepare("insert into tenants values ('t', 't', ?)").run(now);
  file.prepare("insert into users values ('u', 't', 'admin', ?)").run(now);
  file
    .prepare(
      `insert into devices (id, user_id, name, standing, created_at, updated_at) values (?, 'u', 'd', 'paired', ?, ?)`,
    )
    .run(device, now, now);
  file.prepare("insert into credentials values (?, ?)").run(device, secret("identity"));
  const insert = file.prepare("insert into signal_keys values (?, ?, ?, ?)");
  file.exec("begin");
  for (const id of ids) insert.run(device, "pre-key", id, secret(id));
  for (let index = 0; index < 3_000; index += 1)
    insert.run(device, "session", `gone ${index}`, secret("gone"));
  file.exec("commit");
  file.exec("delete from signal_keys where type = 'session'");
  return { dataDir, file };
}

/** The files of a folder in which the text can be found. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const names = await readdir(folder);
  const contents = await Promise.all(names.map((name) => readFile(join(folder, name))));
  return names.filter((_, index) => contents[index]?.includes(text)).sort();
}

async function assertEncrypted(dataDir: string): Promise<void> {
  const keyRing = openKeyRing(dataDir);
  const database = await openDatabase({ dataDir }, keyRing);
  // The files as they are while the server runs, and when it has stopped.
  assert.deepEqual(await filesWith(dataDir, marker), []);
  const credentials = credentialRepository(database, keyRing, device);
  assert.equal(await credentials.read(), secret("identity"));
  const keys = await credentials.readKeys("pre-key", ids);
  assert.deepEqual(
    new Map(keys.map(({ id, value }) => [id, value])),
    new Map(ids.map((id) => [id, secret(id)])),
  );
  await database.destroy();
  assert.deepEqual(await filesWith(dataDir, marker), []);
}

describe("A database with credentials in plain text", () => {
  it("has them encrypted once it was opened, and no trace of them in any file", async (t) => {
    const { dataDir, file } = await plainDatabase(t);
    assert.deepEqual(await filesWith(dataDir, marker), ["wuts.sqlite", "wuts.sqlite-wal"]);
    file.close();
    assert.deepEqual(await filesWith(dataDir, marker), ["wuts.sqlite"]);
    await assertEncrypted(dataDir);
    assert.deepEqual((await readdir(dataDir)).sort(), ["secret.key", "wuts.sqlite"]);
  });

  it("is encrypted from its write-ahead log too, when the server was killed", async (t) => {
    const { dataDir, file } = await plainDatabase(t);
    await assertEncrypted(dataDir);
    assert.equal(file.prepare("select count(*) as n from signal_keys").get()?.n, ids.length);
  });

  for (const [what, statement] of Object.entries({
    "before anything was written":
      "create trigger stop before update on credentials begin select raise(abort, 'killed'); end",
    "in the middle": `create trigger stop before update on signal_keys when new.id = '700'
        begin select raise(abort, 'killed'); end`,
    "before it was noted": `create trigger stop before insert on kysely_migration
        begin select raise(abort, 'killed'); end`,
  })) {
    it(`is encrypted at the next start, when the first one ended ${what}`, async (t) => {
      const { dataDir, file } = await plainDatabase(t);
      file.exec(statement);
      await assert.rejects(
        openDatabase({ dataDir }, openKeyRing(dataDir)),
        /could not be brought up to date/,
      );
      file.exec("drop trigger stop");
      await assertEncrypted(dataDir);
    });
  }

  it("is not noted as encrypted while another program keeps the old pages alive", {
    timeout: 60_000,
  }, async (t) => {
    const { dataDir, file } = await plainDatabase(t);
    file.exec("begin");
    file.prepare("select * from credentials").get();
    await assert.rejects(openDatabase({ dataDir }, openKeyRing(dataDir)), /could not be brought up to date/);
    file.exec("rollback");
    await assertEncrypted(dataDir);
  });
});
