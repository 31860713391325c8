import assert from "node:assert/strict";
import { describe, it, type TestContext } from "vitest";
import { ChangesElsewhere } from "../storage/engine/changes-elsewhere.ts";
import { openDatabase } from "../storage/engine/database.ts";
import { databaseWithDevice } from "../test-support/databases/temporary-database.ts";
import { deviceRepository } from "./devices.repository.ts";
import { OwnedDevices } from "./owned-devices.ts";

/** A user with a device, and a count of the queries that the database is asked. */
async function arrange(t: TestContext) {
  const { database, keyRing, place, userId, device } = await databaseWithDevice(t);
  const seen = { queries: 0 };
  const counted = database.withPlugin({
    transformQuery: ({ node }) => {
      seen.queries += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const changes = new ChangesElsewhere(database);
  const all = new OwnedDevices(counted, changes);
  const owned = {
    /** As a request is dealt with. */
    async of(userId: string) {
      await changes.check();
      return all.of(userId);
    },
    forget: () => all.forget(),
  };
  const elsewhere = async () => {
    const other = await openDatabase(place, keyRing);
    t.onTestFinished(() => other.destroy());
    return other;
  };
  return { database, userId, device, seen, owned, elsewhere };
}

describe("OwnedDevices", () => {
  it("asks the database once for the devices of a user, whatever others are asked for", async (t) => {
    const { userId, device, seen, owned } = await arrange(t);
    for (let time = 0; time < 3; time += 1) {
      assert.deepEqual(await owned.of(userId), [device.id]);
      assert.deepEqual(await owned.of("nobody"), []);
    }
    assert.equal(seen.queries, 2);
  });

  it("knows at once what another process has created or deleted", async (t) => {
    const { userId, device, owned, elsewhere } = await arrange(t);
    assert.deepEqual(await owned.of(userId), [device.id]);
    const rows = deviceRepository(await elsewhere());
    const { id } = await rows.create(userId, "Second");
    assert.deepEqual([...(await owned.of(userId))].sort(), [device.id, id].sort());
    await rows.delete(device.id);
    assert.deepEqual(await owned.of(userId), [id]);
  });

  it("knows what this process has changed when it is told so, also while it reads", async (t) => {
    const { database, userId, device, owned } = await arrange(t);
    const rows = deviceRepository(database);
    const early = owned.of(userId);
    const { id } = await rows.create(userId, "Second");
    owned.forget();
    await early;
    assert.equal((await owned.of(userId)).length, 2);
    await rows.delete(id);
    owned.forget();
    assert.deepEqual(await owned.of(userId), [device.id]);
  });

  it("knows what came while a transaction of its own was open", async (t) => {
    const { database, userId, device, owned, elsewhere } = await arrange(t);
    assert.deepEqual(await owned.of(userId), [device.id]);
    const other = await elsewhere();
    const reading = Promise.withResolvers<void>();
    const changed = Promise.withResolvers<void>();
    const transaction = database.transaction().execute(async (open) => {
      await deviceRepository(open).find(device.id);
      reading.resolve();
      await changed.promise;
    });
    await reading.promise;
    await deviceRepository(other).delete(device.id);
    const found = owned.of(userId);
    changed.resolve();
    await transaction;
    assert.deepEqual(await found, []);
  });
});
