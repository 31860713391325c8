import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import {
  assertInvalid,
  assertRefused,
  at,
  dataOf,
  listAt,
  pagesOf,
  textAt,
} from "../../test-support/call.ts";
import { until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = { phone: "5511999999999", lid: "112233445566779", name: "aninha" };
const joao = { phone: "5511888888888", lid: "112233445566778", name: "Jo" };
const bia = { phone: "5511777777777", lid: "112233445566777", name: "Bia 50%" };
const stranger = {
  phone: "5521666666666",
  lid: "112233445566776",
  name: "Zé",
  businessName: "Padaria do Zé",
};
const quiet = { phone: "5521555555555", lid: "112233445566775" };
const checked = { phone: "5521444444444", lid: "112233445566774" };

const jidOf = ({ phone }: { phone: string }) => `${phone}@s.whatsapp.net`;

describe("GET /contacts", () => {
  let world: World;
  let device: string;
  beforeAll(async () => {
    world = await startWorld();
    const { simulator } = world;
    for (const person of [ana, joao, bia, stranger, quiet, checked]) simulator.addAccount(person);
    simulator.addAccount({
      phone: owner,
      contacts: [
        { phone: ana.phone, fullName: "Ana Souza", firstName: "Ana" },
        { phone: joao.phone, fullName: "João da Silva", firstName: "João" },
        { jid: `${bia.lid}@lid`, fullName: "Beatriz" },
      ],
    });
    simulator.addGroup({
      jid: "120363039000000000@g.us",
      subject: "Vizinhos",
      participants: [owner, ana.phone],
    });
    device = await world.pairedDevice(owner);
    await untilListed("full_name", "Ana Souza", "João da Silva", "Beatriz");
    await untilListed("push_name", ana.name, joao.name);
    await untilListed("first_name", "Ana", "João");
  });
  afterAll(() => world.stop());

  const list = (query = "", token?: string) =>
    world.call(`/contacts?device_id=${device}${query && `&${query}`}`, token === undefined ? {} : { token });
  const listed = async (query = "") => listAt(dataOf(await list(query)), "items");
  const namesIn = async (query: string) => (await listed(query)).map((contact) => at(contact, "full_name"));
  const untilListed = (field: string, ...names: string[]) =>
    until(names.join(", "), async () => {
      const seen = (await listed("limit=100")).map((contact) => at(contact, field));
      return { found: names.every((name) => seen.includes(name)) || undefined, seen };
    });
  const contact = async (jid: string) => (await listed("limit=100")).find((one) => at(one, "jid") === jid);

  describe("200", () => {
    it("has the address book, with push names and LIDs, one contact for each person, sorted by JID", async () => {
      const contacts = await listed();
      assert.partialDeepStrictEqual(await contact(jidOf(ana)), {
        lid: `${ana.lid}@lid`,
        phone_number: ana.phone,
        full_name: "Ana Souza",
        first_name: "Ana",
        push_name: ana.name,
        business_name: null,
      });
      assert.partialDeepStrictEqual(await contact(jidOf(bia)), {
        lid: `${bia.lid}@lid`,
        full_name: "Beatriz",
        first_name: null,
      });
      const jids = contacts.map((one) => textAt(one, "jid"));
      assert.deepEqual(jids, [...new Set(jids)].sort());
      assert.ok(!jids.some((jid) => jid.endsWith("@g.us")));
      assert.ok(new Date(textAt(contacts[0], "updated_at")) <= new Date());
    });

    it("hears who writes, and how they call themselves", async () => {
      await world.simulator.account(stranger.phone).sendMessage(owner, { conversation: "a secret text" });
      await untilListed("push_name", stranger.name);
      assert.partialDeepStrictEqual(await contact(jidOf(stranger)), {
        lid: `${stranger.lid}@lid`,
        phone_number: stranger.phone,
        full_name: null,
        business_name: stranger.businessName,
      });
      assert.doesNotMatch(JSON.stringify(await world.rows("select * from contacts")), /secret text/);
    });

    it("hears who is who from whatever tells Baileys", async () => {
      world.simulator.account(quiet.phone).givePrivacyToken(owner);
      const found = await until("the LID", async () => {
        const seen = await contact(jidOf(quiet));
        return { found: seen, seen };
      });
      assert.partialDeepStrictEqual(found, { lid: `${quiet.lid}@lid`, full_name: null, push_name: null });
    });

    it("has whom a check found, with their LIDs, but not the account itself", async () => {
      const numbers = [checked.phone, owner, "5511444444444"];
      dataOf(await world.call(`/contacts/check?device_id=${device}`, { method: "POST", body: { numbers } }));
      assert.partialDeepStrictEqual(await contact(jidOf(checked)), {
        lid: `${checked.lid}@lid`,
        phone_number: checked.phone,
        full_name: null,
        push_name: null,
      });
      for (const phone of numbers.slice(1)) assert.equal(await contact(jidOf({ phone })), undefined);
    });

    it("hears what changes in the address book", async () => {
      const account = world.simulator.account(owner);
      account.saveContact({ phone: stranger.phone, fullName: "Zé da Padaria", firstName: "Zé" });
      await untilListed("full_name", "Zé da Padaria");
      account.saveContact({ phone: stranger.phone, fullName: "José" });
      await untilListed("full_name", "José");
      assert.equal(at(await contact(jidOf(stranger)), "first_name"), null);
      account.removeContact({ phone: stranger.phone });
      await until("no name", async () => {
        const seen = await contact(jidOf(stranger));
        return { found: at(seen, "full_name") === null || undefined, seen };
      });
    });

    it("finds names whatever their case and diacritics, and numbers as people write them", async () => {
      for (const [search, names] of [
        ["joao", ["João da Silva"]],
        ["JOÃO DA", ["João da Silva"]],
        ["Jo", ["João da Silva"]],
        ["souza", ["Ana Souza"]],
        ["ANINHA", ["Ana Souza"]],
        ["ana souza aninha", []],
        ["+55 (11) 99999", ["Ana Souza"]],
        ["888888", ["João da Silva"]],
        ["50%", ["Beatriz"]],
        ["5%0", []],
        ["_", []],
        ["\\", []],
        ["nobody", []],
      ] as const)
        assert.deepEqual(await namesIn(`search=${encodeURIComponent(search)}`), names, search);
    });

    it("has pages, each of which goes on where the last one ended", async () => {
      const all = await listed("limit=100");
      const pages = await pagesOf((query) => list(query), 2);
      assert.deepEqual(pages.flat(), all);
      assert.ok(pages.slice(0, -1).every((page) => page.length === 2));
    });

    it("works without a connection, after a restart too, and asks WhatsApp nothing", async () => {
      const before = await listed();
      dataOf(await world.call(`/disconnect?device_id=${device}`, { method: "POST" }));
      world.simulator.received.reset();
      assert.deepEqual(await listed(), before);
      assert.equal(world.simulator.received.total, 0);
      await world.restartServer();
      assert.deepEqual(await listed(), before);
      dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
    });

    it("is empty for a device that is not paired", async () => {
      const other = await world.createDevice();
      const page = dataOf(await world.call(`/contacts?device_id=${other}`));
      assert.deepEqual(page, { items: [], next_cursor: null });
      dataOf(await world.call(`/devices/${other}`, { method: "DELETE" }));
    });
  });

  describe("400", () => {
    for (const [query, field] of [
      ["search=", "search"],
      ["search=a%0Ab", "search"],
      [`search=${"x".repeat(101)}`, "search"],
      ["limit=0", "limit"],
      ["limit=101", "limit"],
      ["search=?&limit=1e309", "limit"],
      ["cursor=%20", "cursor"],
      ["colour=red", "colour"],
    ] as const)
      it(`refuses ${query.slice(0, 20)}`, async () => assertInvalid(await list(query), field));
  });

  it("401: refuses who has no token", async () => {
    assertRefused(await world.call("/contacts", { token: null }), 401, "UNAUTHORIZED");
  });

  it("404: has nothing of another user's device", async () => {
    assertRefused(await list("", await world.addUser()), 404, "DEVICE_NOT_FOUND");
  });

  it("409: asks which device is meant", async () => {
    const token = await world.addUser();
    await world.createDevice("One", token);
    await world.createDevice("Two", token);
    assertRefused(await world.call("/contacts", { token }), 409, "DEVICE_AMBIGUOUS");
  });

  it("429: counts as a request to the device", async () => {
    await world.restartServer({ WUTS_RATE_LIMIT_DEVICE: "1" });
    dataOf(await list());
    assertRefused(await list(), 429, "RATE_LIMITED");
    await world.restartServer();
  });
});
