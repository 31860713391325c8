import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "vitest";
import { registrationRepository } from "../features/contacts/numbers/registrations.repository.ts";
import { type Role, roles } from "../kernel/roles.ts";
import type { Database } from "../storage/engine/database.ts";
import { databaseWithDevice } from "../test-support/databases/temporary-database.ts";
import { credentialRepository } from "../whatsapp/auth/credentials.repository.ts";
import { deviceRepository } from "./devices.repository.ts";

describe("devices", () => {
  it("are found by their owner only", async (t) => {
    const { database, userId, device } = await databaseWithDevice(t);
    const rows = deviceRepository(database);
    const tenantId = await tenantOf(database, userId);
    const find = (who: string) => rows.findWithin({ tenantId, userId: who, roles: [] }, device.id);
    assert.deepEqual({ ...(await find(userId)) }, device);
    assert.equal(await find(randomUUID()), undefined);
    assert.deepEqual(await rows.listOwned(randomUUID(), 10), []);
  });

  it("are found in their tenant only", async (t) => {
    const { database, userId, device } = await databaseWithDevice(t);
    const rows = deviceRepository(database);
    const tenantId = await tenantOf(database, userId);
    const find = (tenant: string, ...among: Role[]) =>
      rows.findWithin({ tenantId: tenant, userId: randomUUID(), roles: among }, device.id);
    assert.deepEqual({ ...(await find(tenantId, ...roles)) }, device);
    assert.equal(await find(randomUUID(), ...roles), undefined);
    // Its owner is an admin.
    assert.deepEqual({ ...(await find(tenantId, "admin")) }, device);
    assert.equal(await find(tenantId, "user", "manager"), undefined);
    assert.deepEqual(await rows.listAllInTenant(randomUUID()), []);
    const [ofTenant, ofUser] = [await rows.listAllInTenant(tenantId), await rows.listAllOwned(userId)];
    for (const found of [ofTenant, ofUser])
      assert.deepEqual(
        found.map((row) => ({ ...row })),
        [device],
      );
  });

  it("say when they were changed", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    await deviceRepository(database).update(device.id, { standing: "paired" });
    const changed = await deviceRepository(database).find(device.id);
    assert.equal(changed?.standing, "paired");
    assert.ok((changed?.updated_at ?? "") >= device.updated_at);
    assert.equal(changed?.created_at, device.created_at);
  });

  for (const [standing, withCredentials, restored] of [
    ["paired", true, true],
    ["replaced", true, true],
    ["unpaired", false, false],
    // A crash came between storing the credentials of a pairing and marking the device as paired.
    ["unpaired", true, true],
    ["logged_out", false, false],
    ["disconnected", true, false],
    ["banned", true, false],
  ] as const) {
    const credentials = withCredentials ? "with credentials" : "without credentials";
    it(`${restored ? "are" : "are not"} connected at start when ${standing} ${credentials}`, async (t) => {
      const { database, keyRing, device } = await databaseWithDevice(t);
      await deviceRepository(database).update(device.id, { standing });
      if (withCredentials) await credentialRepository(database, keyRing, device.id).write("{}", []);
      assert.equal((await deviceRepository(database).listToRestore()).length, restored ? 1 : 0);
    });
  }

  it("are connected at start when they were banned until a time that has passed, and no sooner", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const rows = deviceRepository(database);
    for (const [standing, seconds, restored] of [
      ["banned", -1, 1],
      ["banned", 60, 0],
      // A caller has disconnected the device meanwhile.
      ["disconnected", -1, 0],
    ] as const) {
      const banned_until = new Date(Date.now() + seconds * 1000).toISOString();
      await rows.update(device.id, { standing, banned_until });
      assert.equal((await rows.listToRestore()).length, restored);
    }
  });

  it("take their credentials, keys and registrations with them", async (t) => {
    const { database, keyRing, device } = await databaseWithDevice(t);
    const credentials = credentialRepository(database, keyRing, device.id);
    await credentials.write("{}", [{ type: "session", id: "1", value: "1" }]);
    await registrationRepository(database, device.id).remember({ askedJid: "a", jid: "b", lid: null });
    await deviceRepository(database).delete(device.id);
    assert.equal(await credentials.read(), undefined);
    assert.deepEqual(await credentials.readKeys("session", ["1"]), []);
    assert.equal(await registrationRepository(database, device.id).find("a"), undefined);
  });
});

async function tenantOf(database: Database, userId: string): Promise<string> {
  const query = database.selectFrom("users").select("tenant_id").where("id", "=", userId);
  return (await query.executeTakeFirstOrThrow()).tenant_id;
}
