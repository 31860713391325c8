import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "vitest";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { sqliteIn } from "../../test-support/databases/test-database.ts";
import { openKeyRing } from "../encryption/key-ring.ts";
import { openDatabase } from "../engine/database.ts";

const unnoted = "delete from kysely_migration where name >= '2026-11-third-synced-rates'";

describe("A database of a version whose devices had no pace of their own", () => {
  for (const [what, statements, pace] of [
    ["has none for them", `alter table devices drop column picture_pace_per_minute; ${unnoted}`, null],
    ["is brought up to date again when a crash came before that was noted", unnoted, 60],
  ] as const) {
    it(what, async (t) => {
      const { database, dataDir, device } = await databaseWithDevice(t, sqliteIn);
      await deviceRepository(database).update(device.id, { picture_pace_per_minute: 60 });
      const file = new DatabaseSync(join(dataDir, "wuts.sqlite"));
      file.exec(statements);
      file.close();
      const again = await openDatabase({ dataDir }, openKeyRing(dataDir));
      const found = await deviceRepository(again).find(device.id);
      assert.deepEqual([found?.name, found?.picture_pace_per_minute], [device.name, pace]);
      await again.destroy();
    });
  }
});
