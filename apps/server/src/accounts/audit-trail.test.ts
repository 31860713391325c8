import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { describe, it } from "vitest";
import { databaseWithDevice } from "../test-support/databases/temporary-database.ts";
import { until } from "../test-support/until.ts";
import { startWorld } from "../test-support/world.ts";
import { AuditTrail } from "./audit-trail.ts";
import { auditRepository } from "./repositories/audit.repository.ts";

const dayMs = 24 * 60 * 60 * 1000;

describe("AuditTrail", () => {
  it("deletes what is older than it is to be kept, and nothing else", async (t) => {
    const { database } = await databaseWithDevice(t);
    const { id: tenantId } = await database.selectFrom("tenants").select("id").executeTakeFirstOrThrow();
    const add = () =>
      auditRepository(database).add({
        tenantId,
        actor: { kind: "system", id: null, signedInBy: null, tokenId: null, requestId: null },
        action: "user.created",
        target: { type: "user", id: randomUUID() },
      });
    for (let index = 0; index < 7; index += 1) await add();
    const clock = { now: Date.now() };
    const trail = new AuditTrail(database, pino({ level: "silent" }), {
      retentionDays: 2,
      now: () => clock.now,
      batch: 3,
    });
    const left = async () => (await auditRepository(database).list(tenantId, {}, 100)).length;
    clock.now += 2 * dayMs - 60_000;
    await trail.deleteOld();
    assert.equal(await left(), 7);
    clock.now += 120_000;
    await trail.deleteOld();
    assert.equal(await left(), 0);
  });

  it("deletes at the start of the server, as the setting says", async (t) => {
    const world = await startWorld();
    t.onTestFinished(() => world.stop());
    const device = await world.createDevice();
    const old = new Date(Date.now() - 40 * dayMs).toISOString();
    await world.write("update audit set at = ?", old);
    const count = async () => (await world.rows("select id from audit where target_id = ?", device)).length;
    await world.restartServer();
    await world.call("/audit");
    assert.equal(await count(), 1);
    await world.restartServer({ WUTS_AUDIT_RETENTION_DAYS: "30" });
    await until("the deletion", async () => {
      const seen = await count();
      return { found: seen === 0 || undefined, seen };
    });
  });
});
