import assert from "node:assert/strict";
import fc from "fast-check";
import { sql } from "kysely";
import { describe, it } from "vitest";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import { SecretUnreadable } from "../../storage/encryption/key-ring.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { credentialRepository } from "./credentials.repository.ts";

describe("credentials", () => {
  it("are read as they were written, keys and all", async (t) => {
    const { database, keyRing, device } = await databaseWithDevice(t);
    const credentials = credentialRepository(database, keyRing, device.id);
    assert.equal(await credentials.read(), undefined);
    await credentials.write("one", [{ type: "pre-key", id: "1", value: "a" }]);
    await credentials.write("two", [{ type: "pre-key", id: "2", value: "b" }]);
    assert.equal(await credentials.read(), "two");
    const keys = await credentials.readKeys("pre-key", ["1", "2", "3"]);
    assert.deepEqual(
      keys.map(({ id, value }) => [id, value]),
      [
        ["1", "a"],
        ["2", "b"],
      ],
    );
    assert.deepEqual(await credentials.readKeys("session", ["1"]), []);
    assert.deepEqual(await credentials.readKeys("pre-key", []), []);
  });

  it("take the 812 keys of a first login at once", async (t) => {
    const { database, keyRing, device } = await databaseWithDevice(t);
    const credentials = credentialRepository(database, keyRing, device.id);
    const ids = Array.from({ length: 812 }, (_, index) => String(index + 1));
    await credentials.write(
      "creds",
      ids.map((id) => ({ type: "pre-key", id, value: id })),
    );
    assert.equal((await credentials.readKeys("pre-key", ids)).length, 812);
  });

  it("are written whole or not at all", async (t) => {
    const { database, keyRing, device } = await databaseWithDevice(t);
    const credentials = credentialRepository(database, keyRing, device.id);
    await credentials.write("before", [{ type: "pre-key", id: "1", value: "a" }]);
    // What SQLite cannot store fails last, behind changes that it could.
    const broken: string = JSON.parse('{"not": "text"}');
    await assert.rejects(
      credentials.write("after", [
        { type: "pre-key", id: "1", value: null },
        { type: "pre-key", id: "2", value: broken },
      ]),
    );
    assert.equal(await credentials.read(), "before");
    const keys = await credentials.readKeys("pre-key", ["1", "2"]);
    assert.deepEqual(
      keys.map(({ id, value }) => [id, value]),
      [["1", "a"]],
    );
  });

  it("are those of one device", async (t) => {
    const { database, keyRing, device, userId } = await databaseWithDevice(t);
    const other = await deviceRepository(database).create(userId, "Other");
    await credentialRepository(database, keyRing, device.id).write("mine", [
      { type: "session", id: "1", value: "mine" },
    ]);
    await credentialRepository(database, keyRing, other.id).write("other", [
      { type: "session", id: "1", value: "other" },
    ]);
    await credentialRepository(database, keyRing, device.id).wipe();
    assert.equal(await credentialRepository(database, keyRing, device.id).read(), undefined);
    assert.deepEqual(await credentialRepository(database, keyRing, device.id).readKeys("session", ["1"]), []);
    assert.equal(await credentialRepository(database, keyRing, other.id).read(), "other");
    assert.equal(
      (await credentialRepository(database, keyRing, other.id).readKeys("session", ["1"])).length,
      1,
    );
  });

  it("are not in the database as they are, and name the key that opens them", async (t) => {
    const { database, keyRing, device } = await databaseWithDevice(t);
    await credentialRepository(database, keyRing, device.id).write("swordfish", [
      { type: "session", id: "1", value: "swordfish" },
    ]);
    const rows = [
      ...(await database.selectFrom("credentials").selectAll().execute()),
      ...(await database.selectFrom("signal_keys").selectAll().execute()),
    ];
    assert.deepEqual(
      rows.map(({ key_id }) => key_id),
      [keyRing.keys()[0].id, keyRing.keys()[0].id],
    );
    assert.ok(!JSON.stringify(rows).includes("swordfish"));
    assert.equal(new Set(rows.map((row) => ("creds" in row ? row.creds : row.value))).size, 2);
  });

  for (const [what, change] of Object.entries({
    "were changed": "update signal_keys set value = substr(value, 1, 20) || 'AAAA' || substr(value, 25)",
    "took the place of others":
      "update signal_keys set value = (select value from signal_keys where id = '2') where id = '1'",
    "name a key that there is not": "update signal_keys set key_id = 'ffffffff'",
  })) {
    it(`are refused when they ${what}, and the device is told which`, async (t) => {
      const { database, keyRing, device } = await databaseWithDevice(t);
      const reported: unknown[] = [];
      const credentials = credentialRepository(database, keyRing, device.id, {
        onUnreadable: (error) => reported.push(error),
      });
      await credentials.write("creds", [
        { type: "session", id: "1", value: "the value of the first" },
        { type: "session", id: "2", value: "the value of the second" },
      ]);
      await sql.raw(change).execute(database);
      const refusal = await credentials.readKeys("session", ["1"]).catch((error: unknown) => error);
      assert.ok(refusal instanceof SecretUnreadable);
      assert.match(refusal.message, /^the session of device .+ cannot be read with key [0-9a-f]{8}$/);
      assert.ok(refusal.message.includes(device.id));
      assert.deepEqual(reported, [refusal]);
      assert.equal(await credentials.read(), "creds");
      await credentials.write("creds", [{ type: "session", id: "1", value: "again" }]);
      assert.deepEqual((await credentials.readKeys("session", ["1"]))[0]?.value, "again");
    });
  }

  it("hold the last value of every key, whatever is written and deleted", async (t) => {
    const { database, keyRing, device } = await databaseWithDevice(t);
    const credentials = credentialRepository(database, keyRing, device.id);
    const change = fc.record({
      type: fc.constantFrom("session", "pre-key"),
      id: fc.constantFrom("1", "2", "3", "5511999999999.0"),
      value: fc.option(fc.string(), { nil: null }),
    });
    // Baileys gives each key once in a write.
    const changes = fc.uniqueArray(change, { selector: ({ type, id }) => `${type} ${id}` });
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { maxLength: 6 }), async (writes) => {
        await credentials.wipe();
        const expected = new Map<string, string>();
        for (const write of writes) {
          await credentials.write("creds", write);
          for (const { type, id, value } of write) {
            if (value === null) expected.delete(`${type} ${id}`);
            else expected.set(`${type} ${id}`, value);
          }
        }
        const found = new Map<string, string>();
        for (const type of ["session", "pre-key"]) {
          for (const { id, value } of await credentials.readKeys(type, ["1", "2", "3", "5511999999999.0"])) {
            found.set(`${type} ${id}`, value);
          }
        }
        assert.deepEqual(new Map([...found].sort()), new Map([...expected].sort()));
      }),
      { numRuns: 30 },
    );
  });
});
