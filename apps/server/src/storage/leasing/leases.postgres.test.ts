import assert from "node:assert/strict";
import type { Transaction } from "kysely";
import { it, type TestContext } from "vitest";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { describeOnPostgres } from "../../test-support/databases/test-database.ts";
import { credentialRepository } from "../../whatsapp/auth/credentials.repository.ts";
import type { Database } from "../engine/database.ts";
import type { Tables } from "../schema/tables.ts";
import { holdLease, type Lease, LeaseLost, leaseRepository } from "./leases.repository.ts";

const aMinute = 60_000;

/** Many devices of one server, and of another one that has none. */
async function arrange(t: TestContext, count = 200) {
  const made = await databaseWithDevice(t);
  const { database, userId } = made;
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1)
    ids.push((await deviceRepository(database).create(userId, `Device ${index}`)).id);
  const [one, two] = [leaseRepository(database, "one"), leaseRepository(database, "two")];
  const leases = await one.take(ids, aMinute);
  const [slow] = leases;
  assert.ok(slow);
  const others = leases.filter((lease) => lease !== slow);
  const runOut = () => database.updateTable("device_leases").set({ expires_at: 1 }).execute();
  return { ...made, one, two, ids, leases, slow, others, runOut };
}

/** A transaction that does something, and then takes its time. A statement that waits for it fails after five seconds. */
async function slowly(
  t: TestContext,
  database: Database,
  work: (transaction: Transaction<Tables>) => Promise<unknown>,
) {
  const transaction = await database.startTransaction().execute();
  const undo = async () => {
    if (!transaction.isCommitted && !transaction.isRolledBack) await transaction.rollback().execute();
  };
  t.onTestFinished(undo);
  await work(transaction);
  return { end: () => transaction.commit().execute(), undo };
}

const byDevice = (leases: readonly Lease[]) => leases.map(({ deviceId }) => deviceId).sort();

describeOnPostgres("The leases of a database on which one transaction is slow", () => {
  it("are all renewed while one device's keys are written", async (t) => {
    const { database, one, leases, slow } = await arrange(t);
    const writing = await slowly(t, database, (transaction) => holdLease(transaction, slow));
    const renewed = await one.renew(aMinute);
    await writing.end();
    assert.deepEqual(byDevice(renewed), byDevice(leases));
  });

  it("are renewed but for a device that is being deleted, which stays its server's", async (t) => {
    const { database, one, others, slow } = await arrange(t);
    const deleting = await slowly(t, database, (transaction) =>
      deviceRepository(transaction).delete(slow.deviceId),
    );
    const [renewed, own] = [await one.renew(aMinute), await one.own([slow.deviceId])];
    await deleting.undo();
    assert.deepEqual([byDevice(renewed), own], [byDevice(others), [slow]]);
    assert.equal((await one.renew(aMinute)).length, others.length + 1);
  });

  it("are taken by others but for the one whose keys are still being written, until that is over", async (t) => {
    const { database, two, ids, others, slow, runOut } = await arrange(t);
    await runOut();
    const writing = await slowly(t, database, (transaction) => holdLease(transaction, slow));
    const taken = await two.take(ids, aMinute);
    await writing.end();
    assert.deepEqual(byDevice(taken), byDevice(others));
    assert.deepEqual(byDevice(await two.take([slow.deviceId], aMinute)), [slow.deviceId]);
  });

  it("are taken for the first time but for a device that is being deleted", async (t) => {
    const { database, two, userId } = await arrange(t, 1);
    const fresh = [
      await deviceRepository(database).create(userId, "A"),
      await deviceRepository(database).create(userId, "B"),
    ];
    const deleting = await slowly(t, database, (transaction) =>
      deviceRepository(transaction).delete(fresh[0]?.id ?? ""),
    );
    const taken = await two.take(
      fresh.map(({ id }) => id),
      aMinute,
    );
    await deleting.undo();
    assert.deepEqual(byDevice(taken), [fresh[1]?.id]);
  });

  it("are given up, and their states noted, but for a device that is being deleted", async (t) => {
    const { database, one, two, leases, others, slow } = await arrange(t);
    const deleting = await slowly(t, database, (transaction) =>
      deviceRepository(transaction).delete(slow.deviceId),
    );
    const noted = await one.noteStates(new Map(leases.map(({ deviceId }) => [deviceId, "connected"])));
    await one.release(leases);
    await deleting.undo();
    assert.deepEqual([...noted].sort(), byDevice(others));
    assert.deepEqual([...(await two.statesElsewhere(byDevice(leases))).keys()], [slow.deviceId]);
  });

  it("let no server write that waits while another one takes the device", async (t) => {
    const { database, keyRing, slow, runOut } = await arrange(t, 1);
    await runOut();
    const taking = await slowly(t, database, (transaction) =>
      leaseRepository(transaction, "two").take([slow.deviceId], aMinute),
    );
    const late = credentialRepository(database, keyRing, slow.deviceId, { lease: slow }).write(
      "too late",
      [],
    );
    await taking.end();
    await assert.rejects(late, LeaseLost);
  });
});
