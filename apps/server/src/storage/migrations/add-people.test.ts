import assert from "node:assert/strict";
import { hash, randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Kysely, SqliteDialect } from "kysely";
import { Migrator } from "kysely/migration";
import { describe, it, type TestContext } from "vitest";
import { tenantRepository } from "../../accounts/repositories/tenants.repository.ts";
import { hashOfToken, tokenRepository } from "../../accounts/repositories/tokens.repository.ts";
import { userRepository } from "../../accounts/repositories/users.repository.ts";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import { temporaryFolder } from "../../test-support/processes/server-process.ts";
import { openKeyRing } from "../encryption/key-ring.ts";
import { openDatabase } from "../engine/database.ts";
import { openSqliteFile } from "../engine/node-sqlite.ts";
import { migrationProvider } from "./migrations.ts";

const then = "2026-11-01T00:00:00.000Z";
const token = randomUUID();

/** A database as the version before this one left it: one admin with the bootstrap token, and one device. */
async function earlierDatabase(t: TestContext): Promise<{ dataDir: string; file: DatabaseSync }> {
  const dataDir = await temporaryFolder(t);
  const path = join(dataDir, "wuts.sqlite");
  const database = new Kysely({ dialect: new SqliteDialect({ database: async () => openSqliteFile(path) }) });
  const all = Object.entries(await migrationProvider(openKeyRing(dataDir)).getMigrations());
  const provider = { getMigrations: async () => Object.fromEntries(all.slice(0, 2)) };
  assert.equal((await new Migrator({ db: database, provider }).migrateToLatest()).error, undefined);
  await database.destroy();
  const file = new DatabaseSync(path);
  t.onTestFinished(() => file.close());
  file.prepare("insert into tenants values ('tenant', 'First tenant', ?)").run(then);
  file.prepare("insert into users values ('admin', 'tenant', 'admin', ?)").run(then);
  file.prepare("insert into tokens values ('token', 'admin', ?, ?)").run(hash("sha256", token), then);
  file
    .prepare(
      `insert into devices (id, user_id, name, standing, created_at, updated_at)
       values ('device', 'admin', 'd', 'paired', ?, ?)`,
    )
    .run(then, then);
  return { dataDir, file };
}

async function assertUpgraded(dataDir: string): Promise<void> {
  const database = await openDatabase({ dataDir }, openKeyRing(dataDir));
  const times = { created_at: then, updated_at: then };
  assert.deepEqual(
    (await tenantRepository(database).list(10)).map((row) => ({ ...row })),
    [{ id: "tenant", name: "First tenant", ...times }],
  );
  assert.deepEqual(
    (await userRepository(database).list("tenant", 10)).map((row) => ({ ...row })),
    [
      {
        id: "admin",
        tenant_id: "tenant",
        role: "admin",
        email: null,
        active: 1,
        ...times,
      },
    ],
  );
  assert.deepEqual(await tokenRepository(database).find(hashOfToken(token), new Date()), {
    holder: { userId: "admin", tenantId: "tenant", role: "admin", tokenId: "token", signedInBy: null },
    expiresAt: undefined,
    lastUsedAt: undefined,
  });
  assert.partialDeepStrictEqual(await tokenRepository(database).findOwned("admin", "token"), {
    name: "bootstrap",
    first_characters: null,
  });
  assert.equal((await deviceRepository(database).find("device"))?.standing, "paired");
  assert.equal(await userRepository(database).bootstrap(randomUUID()), false);
  await database.destroy();
}

describe("A database of a version without users", () => {
  it("keeps all users in it, and their tokens", async (t) => {
    await assertUpgraded((await earlierDatabase(t)).dataDir);
  });

  for (const [what, statement] of Object.entries({
    "in the middle": "create trigger stop before update on users begin select raise(abort, 'killed'); end",
    "before it was noted": `create trigger stop before insert on kysely_migration
        begin select raise(abort, 'killed'); end`,
  })) {
    it(`is brought up to date at the next start, when the first one ended ${what}`, async (t) => {
      const { dataDir, file } = await earlierDatabase(t);
      file.exec(statement);
      await assert.rejects(
        openDatabase({ dataDir }, openKeyRing(dataDir)),
        /could not be brought up to date/,
      );
      file.exec("drop trigger stop");
      await assertUpgraded(dataDir);
    });
  }
});
