import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "vitest";
import { cursorOf } from "../../storage/pagination/keyset-cursor.ts";
import { databaseWithDevice, temporaryDatabase } from "../../test-support/databases/temporary-database.ts";
import { auditRepository } from "./audit.repository.ts";
import { tenantRepository } from "./tenants.repository.ts";

describe("tenants", () => {
  it("have a name that no other has, and are listed oldest first", async (t) => {
    const { database } = await temporaryDatabase(t);
    const tenants = tenantRepository(database);
    for (const name of ["one", "two", "three"]) assert.notEqual(await tenants.create(name), "name_taken");
    assert.equal(await tenants.create("two"), "name_taken");
    // Tenants created at the same moment are ordered by their ids.
    const all = await database.selectFrom("tenants").selectAll().execute();
    const places = all.map((row) => `${row.created_at} ${row.id}`).sort();
    const [first, ...others] = await tenants.list(10);
    assert.ok(first);
    assert.deepEqual(
      [first, ...others].map((row) => `${row.created_at} ${row.id}`),
      places,
    );
    assert.deepEqual(await tenants.list(1, cursorOf(first)), others.slice(0, 1));
  });

  it("are locked if they are there, and stay as they are", async (t) => {
    const { database } = await temporaryDatabase(t);
    const tenant = await tenantRepository(database).create("one");
    assert.ok(tenant !== "name_taken");
    await database.transaction().execute(async (transaction) => {
      assert.equal(await tenantRepository(transaction).lock(randomUUID()), false);
      assert.equal(await tenantRepository(transaction).lock(tenant.id), true);
    });
    assert.deepEqual({ ...(await tenantRepository(database).find(tenant.id)) }, tenant);
  });

  it("take everything of theirs with them", async (t) => {
    const { database, userId } = await databaseWithDevice(t);
    const [tenant] = await tenantRepository(database).list(1);
    const tenantId = tenant?.id ?? "";
    await auditRepository(database).add({
      tenantId,
      actor: { kind: "system", id: null, signedInBy: null, tokenId: null, requestId: null },
      action: "user.created",
      target: { type: "user", id: userId },
    });
    await tenantRepository(database).delete(tenantId);
    for (const table of ["tenants", "users", "tokens", "devices", "audit"] as const)
      assert.deepEqual(await database.selectFrom(table).selectAll().execute(), [], table);
  });
});
