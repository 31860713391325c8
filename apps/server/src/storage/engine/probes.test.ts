import assert from "node:assert/strict";
import { sql } from "kysely";
import { describe, it } from "vitest";
import { temporaryDatabase } from "../../test-support/databases/temporary-database.ts";
import { sqliteIn } from "../../test-support/databases/test-database.ts";
import { probeOf } from "./probes.ts";

const limitMs = 5_000;

describe("probeOf", () => {
  it("is true of a database that takes something in", async (t) => {
    const { database } = await temporaryDatabase(t);
    assert.equal(await probeOf(database, "a server", limitMs)(), true);
    const [row] = await database.selectFrom("probes").selectAll().execute();
    assert.equal(row?.server_id, "a server");
  });

  it("is false of a database that has no room, although it answers", async (t) => {
    const { database } = await temporaryDatabase(t, sqliteIn);
    await database
      .insertInto("probes")
      .values({ server_id: "x".repeat(3_000), written_at: "" })
      .execute();
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database);
    await sql.raw(`pragma max_page_count = ${rows[0]?.page_count}`).execute(database);
    assert.equal(await probeOf(database, "y".repeat(3_000), limitMs)(), false);
    assert.equal((await database.selectFrom("probes").selectAll().execute()).length, 1);
  });

  it("is false once the database is closed", async (t) => {
    const { database } = await temporaryDatabase(t);
    await database.destroy();
    assert.equal(await probeOf(database, "a server", limitMs)(), false);
  });

  it("asks once for all who ask within a second", async (t) => {
    const { database } = await temporaryDatabase(t);
    const isUsable = probeOf(database, "a server", limitMs);
    assert.equal(await isUsable(), true);
    await database.deleteFrom("probes").execute();
    assert.deepEqual(await Promise.all([isUsable(), isUsable()]), [true, true]);
    assert.deepEqual(await database.selectFrom("probes").selectAll().execute(), []);
  });
});
