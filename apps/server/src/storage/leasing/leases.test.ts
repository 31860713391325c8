import assert from "node:assert/strict";
import { sql } from "kysely";
import { describe, it, type TestContext } from "vitest";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { until } from "../../test-support/until.ts";
import { credentialRepository } from "../../whatsapp/auth/credentials.repository.ts";
import { LeaseLost, leaseRepository } from "./leases.repository.ts";

const aMinute = 60_000;

async function arrange(t: TestContext) {
  const made = await databaseWithDevice(t);
  const [one, two] = [leaseRepository(made.database, "one"), leaseRepository(made.database, "two")];
  const ids = [made.device.id];
  /** As if so much time had passed. */
  const runOut = () => sql`update device_leases set expires_at = 1`.execute(made.database);
  return { ...made, one, two, ids, runOut };
}

describe("The leases of a database", () => {
  it("give a device to the first server that takes it, and to no other until the lease runs out", async (t) => {
    const { one, two, ids, device } = await arrange(t);
    const lease = { deviceId: device.id, serverId: "one", fence: 1 };
    assert.deepEqual(await one.take(ids, aMinute), [lease]);
    assert.deepEqual(await two.take(ids, aMinute), []);
    assert.deepEqual([await one.renew(aMinute), await two.renew(aMinute)], [[lease], []]);
    assert.deepEqual(await two.statesElsewhere(ids), new Map([[device.id, ""]]));
    assert.deepEqual(await one.statesElsewhere(ids), new Map());
  });

  it("give it to exactly one of many who take it at once", async (t) => {
    const { database, ids } = await arrange(t);
    const names = Array.from({ length: 8 }, (_, index) => `server ${index}`);
    const taken = await Promise.all(names.map((name) => leaseRepository(database, name).take(ids, aMinute)));
    assert.equal(taken.flat().length, 1);
  });

  it("go by the clock of the database", async (t) => {
    const { one, two, ids } = await arrange(t);
    await one.take(ids, 1);
    const taken = await until("the lease to run out", async () => {
      const [lease] = await two.take(ids, aMinute);
      return { found: lease, seen: lease };
    });
    assert.equal(taken.fence, 2);
  });

  it("rise with each taking, and are not renewed for a server that has lost them", async (t) => {
    const { one, two, ids, runOut } = await arrange(t);
    await one.take(ids, aMinute);
    await runOut();
    assert.deepEqual(
      (await two.take(ids, aMinute)).map(({ fence }) => fence),
      [2],
    );
    assert.deepEqual(await one.renew(aMinute), []);
    await runOut();
    assert.deepEqual(
      (await one.take(ids, aMinute)).map(({ fence }) => fence),
      [3],
    );
  });

  it("are taken again at once by the same server", async (t) => {
    const { one, ids } = await arrange(t);
    await one.take(ids, aMinute);
    assert.deepEqual(
      (await one.take(ids, aMinute)).map(({ fence }) => fence),
      [2],
    );
  });

  it("are renewed after they ran out, as long as no other server has taken them", async (t) => {
    const { one, two, ids, runOut } = await arrange(t);
    await one.take(ids, aMinute);
    await runOut();
    assert.equal((await one.renew(aMinute)).length, 1);
    assert.deepEqual(await two.take(ids, aMinute), []);
  });

  it("are free for others when they were given up, and not renewed any more", async (t) => {
    const { one, two, ids } = await arrange(t);
    const leases = await one.take(ids, aMinute);
    await one.release(leases);
    assert.deepEqual([await one.renew(aMinute), await two.statesElsewhere(ids)], [[], new Map()]);
    assert.equal((await two.take(ids, aMinute)).length, 1);
    // Too late: it is another's.
    await one.release(leases);
    assert.equal((await two.renew(aMinute)).length, 1);
  });

  it("tell other servers the state that was noted", async (t) => {
    const { one, two, ids, device, runOut } = await arrange(t);
    await one.take(ids, aMinute);
    await one.noteStates(new Map([[device.id, "connected"]]));
    await two.noteStates(new Map([[device.id, "banned"]]));
    assert.deepEqual(await two.statesElsewhere(ids), new Map([[device.id, "connected"]]));
    await runOut();
    assert.deepEqual(await two.statesElsewhere(ids), new Map());
  });

  it("are of no device that there is not, and go with it", async (t) => {
    const { database, one, ids, device } = await arrange(t);
    assert.deepEqual(await one.take(["7d0a9b1e-3f86-4c53-9a0e-5b1f6a2f9d10"], aMinute), []);
    await one.take(ids, aMinute);
    await deviceRepository(database).delete(device.id);
    assert.deepEqual(await one.renew(aMinute), []);
  });

  it("let nothing be written for a device by a server that has lost it", async (t) => {
    const { database, keyRing, one, two, ids, device, runOut } = await arrange(t);
    const [lost] = await one.take(ids, aMinute);
    assert.ok(lost);
    const late = credentialRepository(database, keyRing, device.id, { lease: lost });
    await late.write("in time", [{ type: "session", id: "1", value: "in time" }]);
    await runOut();
    // No other server has it yet.
    await late.write("just in time", []);
    const [lease] = await two.take(ids, aMinute);
    assert.ok(lease);
    const credentials = credentialRepository(database, keyRing, device.id, { lease });
    await credentials.write("the new holder's", []);
    await assert.rejects(
      late.write("too late", [{ type: "session", id: "1", value: "too late" }]),
      LeaseLost,
    );
    await assert.rejects(late.wipe(), LeaseLost);
    assert.equal(await credentials.read(), "the new holder's");
    assert.deepEqual(await credentials.readKeys("session", ["1"]), [{ id: "1", value: "in time" }]);

    await deviceRepository(database, lease).update(device.id, { standing: "paired" });
    await deviceRepository(database, lost).update(device.id, { standing: "replaced" });
    await deviceRepository(database, lost).noteActivity(device.id, "2026-06-15T12:00:00.000Z");
    const { standing, last_activity_at } = (await deviceRepository(database).find(device.id)) ?? {};
    assert.deepEqual([standing, last_activity_at], ["paired", null]);
  });
});
