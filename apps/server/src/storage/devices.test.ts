import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "vitest";
import { databaseWithDevice } from "../test-support/temporary-database.ts";
import { credentialsIn } from "./credentials.ts";
import { devicesIn } from "./devices.ts";
import { registrationsIn } from "./registrations.ts";

describe("devices", () => {
  it("are found by their owner only", async (t) => {
    const { database, userId, device } = await databaseWithDevice(t);
    const rows = devicesIn(database);
    assert.deepEqual({ ...(await rows.findOwned(userId, device.id)) }, device);
    assert.equal(await rows.findOwned(randomUUID(), device.id), undefined);
    assert.deepEqual(await rows.listOwned(randomUUID(), 10), []);
  });

  it("are found in their tenant only", async (t) => {
    const { database, userId, device } = await databaseWithDevice(t);
    const rows = devicesIn(database);
    const { tenant_id } = await database
      .selectFrom("users")
      .select("tenant_id")
      .where("id", "=", userId)
      .executeTakeFirstOrThrow();
    assert.deepEqual({ ...(await rows.findInTenant(tenant_id, device.id)) }, device);
    assert.equal(await rows.findInTenant(randomUUID(), device.id), undefined);
    assert.deepEqual(await rows.listAllInTenant(randomUUID()), []);
    const [ofTenant, ofUser] = [await rows.listAllInTenant(tenant_id), await rows.listAllOwned(userId)];
    for (const found of [ofTenant, ofUser])
      assert.deepEqual(
        found.map((row) => ({ ...row })),
        [device],
      );
  });

  it("say when they were changed", async (t) => {
    const { database, userId, device } = await databaseWithDevice(t);
    await devicesIn(database).update(device.id, { standing: "paired" });
    const changed = await devicesIn(database).findOwned(userId, device.id);
    assert.equal(changed?.standing, "paired");
    assert.ok((changed?.updated_at ?? "") >= device.updated_at);
    assert.equal(changed?.created_at, device.created_at);
  });

  for (const [standing, withCredentials, restored] of [
    ["paired", true, true],
    ["replaced", true, true],
    ["unpaired", false, false],
    // A crash came between storing the credentials of a pairing and noting it.
    ["unpaired", true, true],
    ["logged_out", false, false],
    ["disconnected", true, false],
    ["banned", true, false],
  ] as const) {
    const credentials = withCredentials ? "with credentials" : "without credentials";
    it(`${restored ? "are" : "are not"} connected at start when ${standing} ${credentials}`, async (t) => {
      const { database, keyRing, device } = await databaseWithDevice(t);
      await devicesIn(database).update(device.id, { standing });
      if (withCredentials) await credentialsIn(database, keyRing, device.id).write("{}", []);
      assert.equal((await devicesIn(database).listToRestore()).length, restored ? 1 : 0);
    });
  }

  it("take their credentials, keys and registrations with them", async (t) => {
    const { database, keyRing, device } = await databaseWithDevice(t);
    const credentials = credentialsIn(database, keyRing, device.id);
    await credentials.write("{}", [{ type: "session", id: "1", value: "1" }]);
    await registrationsIn(database, device.id).remember({ askedJid: "a", jid: "b", lid: null });
    await devicesIn(database).delete(device.id);
    assert.equal(await credentials.read(), undefined);
    assert.deepEqual(await credentials.readKeys("session", ["1"]), []);
    assert.equal(await registrationsIn(database, device.id).find("a"), undefined);
  });
});
