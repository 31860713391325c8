import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { at, dataOf, listAt, textAt } from "../../test-support/call.ts";
import { onlySqlite } from "../../test-support/databases/test-database.ts";
import { nextEvent, until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const otherOwner = "5511900000001";
const ana = { phone: "5511999999999", lid: "112233445566779", name: "aninha" };
const bia = { phone: "5511888888888", lid: "112233445566778", name: "bia" };

/** Contacts belong to the linked account: they are stored with it, and deleted with it. */
describe("the contacts of a device", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    const { simulator } = world;
    for (const person of [ana, bia]) simulator.addAccount(person);
    simulator.addAccount({ phone: owner, contacts: [{ phone: ana.phone, fullName: "Ana" }] });
    simulator.addAccount({ phone: otherOwner, contacts: [{ phone: bia.phone, fullName: "Bia" }] });
  });
  afterAll(() => world.stop());

  const namesOf = async (device: string) =>
    listAt(dataOf(await world.call(`/contacts?device_id=${device}`)), "items")
      .map((contact) => at(contact, "full_name"))
      .filter((name) => name !== null);
  const untilNames = (device: string, ...names: string[]) =>
    until(`contacts ${names.join()}`, async () => {
      const seen = await namesOf(device);
      return { found: `${seen}` === `${names}` || undefined, seen };
    });
  const rowsOf = (device: string) => world.rows("select jid from contacts where device_id = ?", device);
  const pair = async (device: string, phone: string) => {
    const qr = dataOf(await world.call(`/qr?device_id=${device}`));
    await world.simulator.account(phone).scanQr(textAt(qr, "qr_code"));
    await world.untilState(device, "connected");
  };
  const post = async (path: string, device: string) =>
    dataOf(await world.call(`${path}?device_id=${device}`, { method: "POST" }));

  it("go when it is logged out, and those of the next account come", async () => {
    const device = await world.pairedDevice(owner);
    await untilNames(device, "Ana");
    await post("/logout", device);
    assert.deepEqual(await rowsOf(device), []);
    await pair(device, otherOwner);
    await untilNames(device, "Bia");
    await world.call(`/devices/${device}`, { method: "DELETE" });
    assert.deepEqual(await rowsOf(device), []);
  });

  it("go when the phone unlinks it", async () => {
    const device = await world.pairedDevice(owner);
    await untilNames(device, "Ana");
    world.simulator.account(owner).unlink();
    await world.untilState(device, "logged_out");
    await until("no contacts", async () => {
      const seen = await rowsOf(device);
      return { found: seen.length === 0 || undefined, seen };
    });
    await world.call(`/devices/${device}`, { method: "DELETE" });
  });

  it("go before another account is linked, should any be left", async () => {
    const device = await world.createDevice();
    await world.write(
      `insert into contacts (device_id, jid, full_name, search, heard_at, updated_at)
       values (?, '5511777777777@s.whatsapp.net', 'Left', 'left', '2026-06-15T12:00:00.000Z', '2026-06-15T12:00:00.000Z')`,
      device,
    );
    await pair(device, otherOwner);
    await untilNames(device, "Bia");
    await world.call(`/devices/${device}`, { method: "DELETE" });
  });

  it("are all stored when the server stops, whatever it has just heard", async () => {
    const many = "5511900000002";
    const contacts = Array.from({ length: 3_000 }, (_, index) => ({
      phone: String(5_521_900_000_000 + index),
      fullName: `Person ${index}`,
    }));
    world.simulator.addAccount({ phone: many, contacts, history: { chats: [] } });
    const device = await world.pairedDevice(many);
    await until("the first of them", async () => {
      const seen = (await rowsOf(device)).length;
      return { found: seen > 0 || undefined, seen };
    });
    await world.stopServer();
    assert.equal((await rowsOf(device)).length, contacts.length);
  });

  // Baileys acknowledges a message before it emits the event. On PostgreSQL the process may be interrupted between the two:
  // a message without an event cannot be stored.
  it(
    "have the names of messages that came just before the connection ends, without a history too",
    onlySqlite,
    async () => {
      const silent = "5511900000003";
      world.simulator.addAccount({ phone: silent, history: false });
      await world.restartServer();
      const device = await world.pairedDevice(silent);
      const received = nextEvent(world.simulator.events, "stanza", ({ stanza }) => stanza.tag === "receipt");
      await world.simulator.account(bia.phone).sendMessage(silent, { conversation: "oi" });
      await received;
      await post("/disconnect", device);
      const names = await world.rows("select push_name from contacts where device_id = ?", device);
      assert.ok(names.some((row) => at(row, "push_name") === bia.name));
    },
  );
});
