import assert from "node:assert/strict";
import { describe, it, type TestContext } from "vitest";
import { deviceRepository } from "../../sessions/devices.repository.ts";
import { databaseWithDevice } from "../../test-support/databases/temporary-database.ts";
import { contactRepository } from "./contacts.repository.ts";

const day = 24 * 60 * 60 * 1000;
const jidOf = (person: number) => `55119${String(person).padStart(8, "0")}@s.whatsapp.net`;

async function contactsOfDevice(test: TestContext, most = 100) {
  const { database, device, userId } = await databaseWithDevice(test);
  const contacts = contactRepository(database, device.id, most);
  const listed = async (search?: string) => (await contacts.list(search, 1_000)).map(({ jid }) => jid);
  return { database, device, userId, contacts, listed };
}

describe("contacts", () => {
  it("are kept for each device by itself, and go with it", async (t) => {
    const { database, device, userId, contacts } = await contactsOfDevice(t);
    const other = await deviceRepository(database).create(userId, "Other");
    const others = contactRepository(database, other.id, 100);
    for (const each of [contacts, others])
      await each.learn([{ jid: jidOf(1), lid: "900001@lid", at: new Date(), pushName: "Ana" }]);
    await contacts.clear();
    assert.deepEqual(
      [await contacts.list(undefined, 10), (await others.list(undefined, 10)).length],
      [[], 1],
    );
    await contacts.learn([{ jid: jidOf(1), at: new Date(), pushName: "Ana" }]);
    await deviceRepository(database).delete(device.id);
    const rows = await database.selectFrom("contacts").select("device_id").execute();
    assert.deepEqual(
      rows.map(({ device_id }) => device_id),
      [other.id],
    );
  });

  it("are replaced when two turn out to be one person", async (t) => {
    const { contacts } = await contactsOfDevice(t);
    await contacts.learn([{ jid: jidOf(1), at: new Date(), fullName: "Ana" }]);
    await contacts.learn([{ lid: "900001@lid", at: new Date(), pushName: "aninha" }]);
    await contacts.learn([{ jid: jidOf(1), lid: "900001@lid", at: new Date() }]);
    const rows = await contacts.list(undefined, 10);
    assert.deepEqual(
      rows.map(({ jid, lid, full_name, push_name, search }) => [jid, lid, full_name, push_name, search]),
      [[jidOf(1), "900001@lid", "Ana", "aninha", "ana\naninha"]],
    );
    const found = await contacts.find(["900001@lid", jidOf(1), jidOf(2)]);
    assert.deepEqual(found, rows);
  });

  it("take a LID that goes from one number to another", async (t) => {
    const { contacts } = await contactsOfDevice(t);
    await contacts.learn([
      { jid: jidOf(1), lid: "900001@lid", at: new Date() },
      { jid: jidOf(2), lid: "900002@lid", at: new Date() },
    ]);
    await contacts.learn([
      { jid: jidOf(1), lid: "900002@lid", at: new Date() },
      { jid: jidOf(2), lid: "900001@lid", at: new Date() },
    ]);
    assert.deepEqual(
      (await contacts.list(undefined, 10)).map(({ jid, lid }) => [jid, lid]),
      [
        [jidOf(1), "900002@lid"],
        [jidOf(2), "900001@lid"],
      ],
    );
  });

  it("are at most as many as may be: contacts without a name that were heard of longest ago go first", async (t) => {
    const { database, contacts, listed } = await contactsOfDevice(t, 3);
    const heard = async (person: number, daysAgo: number) => {
      await database
        .updateTable("contacts")
        .set({ heard_at: new Date(Date.now() - daysAgo * day).toISOString() })
        .where("jid", "=", jidOf(person))
        .execute();
    };
    const contactUpdates = (person: number, fullName?: string) => ({
      jid: jidOf(person),
      at: new Date(),
      pushName: "x",
      fullName,
    });
    await contacts.learn([contactUpdates(1, "In the address book"), contactUpdates(2), contactUpdates(3)]);
    await heard(1, 9);
    await heard(2, 3);
    await heard(3, 5);
    await contacts.learn([contactUpdates(4)]);
    assert.deepEqual(await listed(), [1, 2, 4].map(jidOf));
    await contacts.learn([contactUpdates(5), contactUpdates(6)]);
    assert.deepEqual(await listed(), [1, 5, 6].map(jidOf));
    await contacts.learn([7, 8, 9].map((person) => contactUpdates(person, "In it too")));
    assert.deepEqual(await listed(), [7, 8, 9].map(jidOf));
  });

  it("lose the names that were told before a time, more than are written at once too", async (t) => {
    const { contacts, listed } = await contactsOfDevice(t, 1_000);
    const before = new Date();
    const indices = Array.from({ length: 450 }, (_, person) => person);
    for (const some of [indices.slice(0, 250), indices.slice(250)])
      await contacts.learn(
        some.map((person) => ({
          jid: jidOf(person),
          at: new Date(before.getTime() - (person === 7 ? -1 : 1)),
          fullName: "Ana",
          firstName: "A",
          pushName: "x",
        })),
      );
    assert.equal(await contacts.countNamed(), 450);
    await contacts.forgetNames(before);
    assert.equal(await contacts.countNamed(), 1);
    assert.deepEqual(await listed("ana"), [jidOf(7)]);
    assert.equal((await listed("x")).length, 450);
  });

  it("are found by text that LIKE takes for a pattern", async (t) => {
    const { contacts, listed } = await contactsOfDevice(t);
    const names = ["50% off", "a_b", "back\\slash", "STRASSE İ", "Ωmega"];
    await contacts.learn(names.map((pushName, person) => ({ jid: jidOf(person), at: new Date(), pushName })));
    for (const [search, expected] of [
      ["50%", [0]],
      ["%", [0]],
      ["_", [1]],
      ["a_b", [1]],
      ["k\\s", [2]],
      ["strasse i", [3]],
      ["ωMEGA", [4]],
      ["b\nb", []],
    ] as const)
      assert.deepEqual(await listed(search), expected.map(jidOf), search);
  });
});
