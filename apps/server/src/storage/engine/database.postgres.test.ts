import assert from "node:assert/strict";
import { it } from "vitest";
import { tenantRepository } from "../../accounts/repositories/tenants.repository.ts";
import { hashOfToken, tokenRepository } from "../../accounts/repositories/tokens.repository.ts";
import { userRepository } from "../../accounts/repositories/users.repository.ts";
import { contactRepository } from "../../features/contacts/contacts.repository.ts";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { describeOnPostgres } from "../../test-support/databases/test-database.ts";
import { credentialRepository } from "../../whatsapp/auth/credentials.repository.ts";
import { openKeyRing } from "../encryption/key-ring.ts";
import { rotate, rowsByKey } from "../encryption/rotation.ts";
import { LeaseLost, leaseRepository } from "../leasing/leases.repository.ts";
import { migrationNames } from "../migrations/migrations.ts";
import { openDatabase, openUrgently } from "./database.ts";
import { inspectDatabase } from "./inspection.ts";
import { DatabaseUnusable } from "./unusable-database.ts";

describeOnPostgres("A PostgreSQL database", () => {
  it("is brought up to date once, however many servers start at once, and has one first admin", async (t) => {
    const { place, keyRing, database } = await databaseWithDevice(t);
    const opened = await Promise.all(Array.from({ length: 5 }, () => openDatabase(place, keyRing)));
    await Promise.all(opened.map((one) => one.destroy()));
    await tenantRepository(database).delete((await tenantRepository(database).list(1))[0]?.id ?? "");
    const tokens = Array.from({ length: 5 }, () => crypto.randomUUID());
    const made = await Promise.all(tokens.map((token) => userRepository(database).bootstrap(token)));
    assert.deepEqual(made.filter((each) => each).length, 1);
    const found = await Promise.all(
      tokens.map((token) => tokenRepository(database).find(hashOfToken(token), new Date())),
    );
    assert.deepEqual(
      found.map((holder) => holder !== undefined),
      made,
    );
  });

  it("takes lists that nothing is in, as SQLite does", async (t) => {
    const { place, database } = await databaseWithDevice(t);
    const urgent = await openUrgently(place, database);
    t.onTestFinished(() => urgent.destroy());
    for (const each of [database, urgent]) {
      const devices = each.selectFrom("devices").select("id");
      assert.deepEqual(await devices.where("id", "in", []).execute(), []);
      assert.equal((await devices.where("id", "not in", []).execute()).length, 1);
    }
  });

  for (const [what, part, value, reason] of [
    ["a user that it does not know", "username", "nobody", "it does not let this user in (28000)"],
    ["a database that it does not have", "pathname", "/nowhere", "there is no such database (3D000)"],
    ["a port where nothing is", "port", "1", "nothing listens there"],
  ] as const) {
    it(`is named with the reason when it cannot be used: ${what}`, async (t) => {
      const { place, keyRing } = await databaseWithDevice(t);
      const url = new URL(place.databaseUrl ?? "");
      url.password = "swordfish";
      url[part] = value;
      for (const use of [openDatabase, inspectDatabase]) {
        await assert.rejects(use({ ...place, databaseUrl: url.href }, keyRing), (error: Error) => {
          assert.ok(error instanceof DatabaseUnusable);
          assert.ok(error.message.endsWith(`: ${reason}.`), error.message);
          assert.ok(!error.message.includes("swordfish"));
          return true;
        });
      }
    });
  }

  it("compares text by its bytes, whatever its locale", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const contacts = contactRepository(database, device.id, 100);
    const jids = ["a@lid", "B@lid", "b-c@lid", "bb@lid", "Á@lid", "_@lid"];
    await contacts.learn(jids.map((lid) => ({ jid: undefined, lid, at: new Date(), pushName: "Name" })));
    const listed = (await contacts.list(undefined, 100)).map(({ jid }) => jid);
    assert.deepEqual(listed, [...jids].sort());
    const pages = [];
    for (let after: string | undefined; ; ) {
      const [contact] = await contacts.list(undefined, 1, after);
      if (!contact) break;
      after = contact.jid;
      pages.push(after);
    }
    assert.deepEqual(pages, listed);
  });

  it("keeps what many learn of the same contacts at once", async (t) => {
    const { database, device } = await databaseWithDevice(t);
    const contacts = contactRepository(database, device.id, 1_000);
    const at = new Date();
    await Promise.all(
      Array.from({ length: 20 }, (_, round) =>
        contacts.learn(
          Array.from({ length: 50 }, (__, index) => ({
            jid: `55119000${(index * 7 + round) % 50}@s.whatsapp.net`,
            lid: `${(index * 7 + round) % 50}@lid`,
            at,
            pushName: `Name ${round}`,
          })),
        ),
      ),
    );
    assert.equal((await contacts.list(undefined, 1_000)).length, 50);
  });

  it("lets a device be deleted while its server writes its keys", async (t) => {
    const { database, keyRing, userId } = await databaseWithDevice(t);
    const leases = leaseRepository(database, "server");
    for (let round = 0; round < 20; round += 1) {
      const { id } = await deviceRepository(database).create(userId, "Device");
      const [lease] = await leases.take([id], 60_000);
      assert.ok(lease);
      const credentials = credentialRepository(database, keyRing, id, { lease });
      await credentials.write("identity", []);
      const writing = Array.from({ length: 8 }, () =>
        credentials.write("identity", [{ type: "session", id: "1", value: "session" }]),
      );
      const [deleted, ...written] = await Promise.allSettled([
        deviceRepository(database).delete(id),
        ...writing,
      ]);
      assert.deepEqual(deleted, { status: "fulfilled", value: true });
      for (const each of written) if (each.status === "rejected") assert.ok(each.reason instanceof LeaseLost);
    }
  });

  it("has its credentials encrypted again while a server writes, and loses nothing", async (t) => {
    const { database, keyRing, dataDir, device } = await databaseWithDevice(t);
    const credentials = credentialRepository(database, keyRing, device.id);
    const keys = Array.from({ length: 500 }, (_, id) => ({
      type: "pre-key",
      id: `${id}`,
      value: `key ${id}`,
    }));
    await credentials.write("identity", keys);
    let [writes, over] = [0, false];
    const rotating = Promise.all([
      rotate(database, openKeyRing(dataDir)),
      rotate(database, openKeyRing(dataDir)),
    ]);
    const rotated = rotating.finally(() => {
      over = true;
    });
    while (!over) {
      writes += 1;
      await credentials.write(`identity ${writes}`, [
        { type: "session", id: "1", value: `session ${writes}` },
      ]);
    }
    await rotated;
    const ring = openKeyRing(dataDir);
    await rotate(database, ring);
    assert.deepEqual([...(await rowsByKey(database)).keys()], [ring.keys()[0].id]);
    const again = credentialRepository(database, ring, device.id);
    assert.equal(await again.read(), `identity ${writes}`);
    assert.deepEqual(await again.readKeys("session", ["1"]), [{ id: "1", value: `session ${writes}` }]);
    const ids = keys.map(({ id }) => id);
    assert.equal((await again.readKeys("pre-key", ids)).length, keys.length);
  });

  it("is looked into by the doctor's eyes", async (t) => {
    const { place, keyRing, database } = await databaseWithDevice(t);
    const whole = { damage: [], pending: [], unknown: [], missingKeys: [], missingKeysOfServers: [] };
    assert.deepEqual(await inspectDatabase(place, keyRing), whole);
    const last = (await migrationNames()).at(-1) ?? "";
    await database
      .withTables<{ kysely_migration: { name: string } }>()
      .deleteFrom("kysely_migration")
      .where("name", "=", last)
      .execute();
    assert.deepEqual(await inspectDatabase(place, keyRing), { ...whole, pending: [last] });
  });
});
