import assert from "node:assert/strict";
import { sql } from "kysely";
import { describe, it } from "vitest";
import { userRepository } from "../../accounts/repositories/users.repository.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { openKeyRing } from "../encryption/key-ring.ts";
import { openDatabase } from "../engine/database.ts";

const columns = {
  password_hash: "$scrypt$ln=15,r=8,p=3$c2FsdA$a2V5",
  webhook_url: "https://example.com/hook",
};

describe("A database of a version whose users had passwords and webhooks", () => {
  for (const [what, names] of [
    ["forgets both, and keeps the users", ["password_hash", "webhook_url"]],
    ["forgets the other one, when a crash came after the first", ["webhook_url"]],
    ["is brought up to date again, when a crash came before that was noted", []],
  ] as const) {
    it(what, async (t) => {
      const { database, dataDir, place, userId } = await databaseWithDevice(t);
      const tenant = (await userRepository(database).tenantOf(userId)) ?? "";
      const before = await userRepository(database).find(tenant, userId);
      for (const name of names) {
        await database.schema.alterTable("users").addColumn(name, "text").execute();
        await sql`update users set ${sql.ref(name)} = ${columns[name]}`.execute(database);
      }
      await sql`delete from kysely_migration where name >= '20261130T1020_forget_passwords'`.execute(
        database,
      );
      const again = await openDatabase(place, openKeyRing(dataDir));
      t.onTestFinished(() => again.destroy());
      const { rows } = await sql`select * from users`.execute(again);
      assert.deepEqual(
        rows.map((row) => ({ ...Object(row) })),
        [{ ...before }],
      );
    });
  }
});
