import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it, type TestContext } from "vitest";
import { temporaryDatabase } from "../../test-support/databases/temporary-database.ts";
import { auditRepository } from "./audit.repository.ts";
import { tenantRepository } from "./tenants.repository.ts";

/** A trail of ten entries in two moments: half by one user, all about different targets. */
async function trail(t: TestContext) {
  const { database } = await temporaryDatabase(t);
  const tenant = await tenantRepository(database).create("one");
  assert.ok(tenant !== "name_taken");
  const [ana, bruno] = [randomUUID(), randomUUID()];
  const targets = Array.from({ length: 10 }, () => randomUUID());
  for (const [index, id] of targets.entries()) {
    await auditRepository(database).add({
      tenantId: tenant.id,
      actor: {
        kind: "user",
        id: index % 2 === 0 ? ana : bruno,
        signedInBy: null,
        tokenId: null,
        requestId: "r",
      },
      action: "user.created",
      target: { type: "user", id },
      details: { index },
    });
    const at = index < 5 ? "2026-01-01T00:00:00.000Z" : "2026-01-02T00:00:00.000Z";
    await database.updateTable("audit").set({ at }).where("target_id", "=", id).execute();
  }
  return { audit: auditRepository(database), tenantId: tenant.id, ana, targets };
}

describe("the audit trail", () => {
  it("is listed newest first, page by page, each entry once", async (t) => {
    const { audit, tenantId, targets } = await trail(t);
    const all = await audit.list(tenantId, {}, 100);
    assert.equal(all.length, 10);
    assert.deepEqual(
      all.map(({ at, id }) => `${at} ${id}`),
      all
        .map(({ at, id }) => `${at} ${id}`)
        .sort()
        .reverse(),
    );
    assert.deepEqual(new Set(all.slice(5).map(({ target_id }) => target_id)), new Set(targets.slice(0, 5)));
    const seen = [];
    for (let page = await audit.list(tenantId, {}, 3); page.length > 0; ) {
      seen.push(...page);
      const last = page.at(-1);
      page = await audit.list(tenantId, {}, 3, last);
    }
    assert.deepEqual(seen, all);
    assert.deepEqual(await audit.list(randomUUID(), {}, 100), []);
  });

  it("is listed by who did it and to what", async (t) => {
    const { audit, tenantId, ana, targets } = await trail(t);
    const byAna = await audit.list(tenantId, { userId: ana }, 100);
    assert.equal(byAna.length, 5);
    assert.ok(byAna.every(({ actor_id }) => actor_id === ana));
    const [entry, ...others] = await audit.list(tenantId, { targetId: targets[3] }, 100);
    assert.deepEqual(others, []);
    assert.equal(entry?.details, '{"index":3}');
    assert.deepEqual(await audit.list(tenantId, { userId: ana, targetId: targets[3] }, 100), []);
  });

  it("is shortened from its old end, some entries at a time", async (t) => {
    const { audit, tenantId } = await trail(t);
    const cut = new Date("2026-01-01T12:00:00Z");
    assert.equal(await audit.deleteOlder(cut, 3), 3);
    assert.equal(await audit.deleteOlder(cut, 3), 2);
    assert.equal(await audit.deleteOlder(cut, 3), 0);
    assert.equal((await audit.list(tenantId, {}, 100)).length, 5);
  });
});
