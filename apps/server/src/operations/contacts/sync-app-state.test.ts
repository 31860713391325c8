import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { assertInvalid, assertRefused, at, dataOf, listAt } from "../../test-support/call.ts";
import { until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const bruno = "5511888888888";
const question = "iq w:sync:app:state set";

describe("POST /appstate/sync", () => {
  let world: World;
  let device: string;
  beforeAll(async () => {
    world = await startWorld({ WUTS_WHATSAPP_TIMEOUT_MS: "3000" });
    const { simulator } = world;
    simulator.addAccount({ phone: ana });
    simulator.addAccount({
      phone: owner,
      contacts: [
        { phone: ana, fullName: "Ana Souza", firstName: "Ana" },
        { phone: bruno, fullName: "Bruno Lima", firstName: "Bruno" },
      ],
    });
    device = await world.pairedDevice(owner);
    await untilNamed("Ana Souza", "Bruno Lima");
    await until("the phone's key", async () => {
      const { status } = await sync();
      return { found: status === 200 || undefined, seen: status };
    });
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const sync = (body: unknown = {}, id = device, token = world.token) =>
    world.call(`/appstate/sync?device_id=${id}`, { method: "POST", body, token });
  const names = async () =>
    listAt(dataOf(await world.call(`/contacts?device_id=${device}`)), "items").map((contact) => [
      at(contact, "full_name"),
      at(contact, "first_name"),
    ]);
  const untilNamed = (...wanted: string[]) =>
    until(wanted.join(", "), async () => {
      const seen = (await names()).map(([name]) => name);
      return { found: wanted.every((name) => seen.includes(name)) || undefined, seen };
    });

  describe("200", () => {
    it("fetches what changed, of everything", async () => {
      world.simulator.received.reset();
      assert.deepEqual(dataOf(await sync()), {
        device_id: device,
        scopes: ["contacts", "chats", "settings"],
        full: false,
        contacts: 2,
      });
      assert.equal(world.simulator.received.get(question), 1);
    });

    it("brings names back that were lost, and first names", async () => {
      await world.write("delete from contacts");
      assert.partialDeepStrictEqual(dataOf(await sync({ scopes: ["contacts"] })), { contacts: 0 });
      const synced = dataOf(await sync({ scopes: ["contacts"], full: true }));
      assert.deepEqual(synced, { device_id: device, scopes: ["contacts"], full: true, contacts: 2 });
      assert.deepEqual(await names(), [
        ["Bruno Lima", "Bruno"],
        ["Ana Souza", "Ana"],
      ]);
    });

    it("takes names away that the address book has no more", async () => {
      await world.write("update contacts set full_name = 'Old', full_name_at = '2020-01-01T00:00:00.000Z'");
      await world.write(
        `insert into contacts select device_id, '5511222222222@s.whatsapp.net', null, '5511222222222', full_name, full_name_at,
         'Gil', full_name_at, null, null, null, null, 'old', heard_at, updated_at from contacts limit 1`,
      );
      assert.partialDeepStrictEqual(dataOf(await sync({ full: true })), { contacts: 2 });
      assert.deepEqual(await names(), [
        [null, null],
        ["Bruno Lima", "Bruno"],
        ["Ana Souza", "Ana"],
      ]);
    });

    it("leaves them when it does not fetch the address book again", async () => {
      await world.write("update contacts set full_name_at = '2020-01-01T00:00:00.000Z'");
      assert.partialDeepStrictEqual(dataOf(await sync({ scopes: ["chats", "settings"], full: true })), {
        contacts: 2,
      });
      assert.partialDeepStrictEqual(dataOf(await sync({ scopes: ["contacts"] })), { contacts: 2 });
    });
  });

  describe("400", () => {
    for (const [body, field] of [
      [{ scopes: [] }, "scopes"],
      [{ scopes: ["contacts", "contacts"] }, "scopes"],
      [{ scopes: ["calls"] }, "scopes.0"],
      [{ full: "yes" }, "full"],
    ] as const)
      it(`refuses ${JSON.stringify(body)}`, async () => assertInvalid(await sync(body), field));
  });

  it("400: does not take nothing for an empty object", async () => assertInvalid(await sync(""), "body"));

  it("404: has nothing of another user's device", async () => {
    assertRefused(await sync({}, device, await world.addUser()), 404, "DEVICE_NOT_FOUND");
  });

  it("409: a device that is not paired has none", async () => {
    const other = await world.createDevice();
    assertRefused(await sync({}, other), 409, "DEVICE_NOT_PAIRED");
  });

  describe("when WhatsApp does not tell", () => {
    it("429: says that WhatsApp wants less", async () => {
      world.simulator.faults.answerError(question, 429);
      assertRefused(await sync(), 429, "WHATSAPP_RATE_LIMITED");
    });

    it("502: says that WhatsApp refused, and the next one fetches everything", async () => {
      const undo = world.simulator.faults.answerError(question, 500);
      assertRefused(await sync({ full: true }), 502, "WHATSAPP_ERROR");
      undo();
      assert.equal(at(dataOf(await sync({})), "contacts"), 2);
    });

    it("503: says that the device is not connected, or is disconnected meanwhile", async () => {
      world.simulator.faults.silence(question);
      const asked = new Promise<void>((resolve) => {
        world.simulator.events.once("stanza", () => resolve());
      });
      const answer = sync();
      await asked;
      dataOf(await world.call(`/disconnect?device_id=${device}`, { method: "POST" }));
      assertRefused(await answer, 503, "DEVICE_NOT_READY");
      assertRefused(await sync(), 503, "DEVICE_NOT_READY");
      world.simulator.faults.reset();
      dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
    });

    it("504: says that WhatsApp did not answer", async () => {
      world.simulator.faults.silence(question);
      const startedAt = performance.now();
      assertRefused(await sync(), 504, "WHATSAPP_TIMEOUT");
      // Baileys would wait for a minute.
      assert.ok(performance.now() - startedAt < 10_000);
    });
  });
});
