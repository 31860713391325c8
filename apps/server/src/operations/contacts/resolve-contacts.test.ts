import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import {
  assertInvalid,
  assertRefused,
  assertRetryAfter,
  at,
  dataOf,
  listAt,
} from "../../test-support/call.ts";
import { until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = { phone: "5511999999999", lid: "112233445566779", name: "aninha" };
const bruno = { phone: "5511888888888", lid: "112233445566778", name: "Bruno" };
const fabio = { phone: "551133333333", lid: "112233445566777", alsoReachedAs: ["5511933333333"] };
const carla = { phone: "5511777777777", lid: "112233445566776", name: "Carla" };
const unregistered = "5511444444444";

const jidOf = ({ phone }: { phone: string }) => `${phone}@s.whatsapp.net`;
const lidOf = ({ lid }: { lid: string }) => `${lid}@lid`;

describe("POST /contacts/resolve", () => {
  let world: World;
  let device: string;
  beforeAll(async () => {
    world = await startWorld({ WUTS_WHATSAPP_TIMEOUT_MS: "3000" });
    const { simulator } = world;
    for (const person of [ana, bruno, fabio, carla]) simulator.addAccount(person);
    simulator.addAccount({ phone: owner, contacts: [{ phone: ana.phone, fullName: "Ana Souza" }] });
    device = await world.pairedDevice(owner);
    await until("Ana", async () => {
      const seen = dataOf(await world.call(`/contacts?device_id=${device}&search=aninha`));
      return { found: listAt(seen, "items").find((one) => at(one, "lid") !== null), seen };
    });
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const resolve = (inputs: readonly unknown[], query = `device_id=${device}`, token = world.token) =>
    world.call(`/contacts/resolve?${query}`, { method: "POST", body: { inputs }, token });
  const resolved = async (...inputs: string[]) => listAt(dataOf(await resolve(inputs)), "items");
  const questions = () => world.simulator.received.get("iq usync get/contact");

  const known = {
    found: true,
    jid: jidOf(ana),
    lid: lidOf(ana),
    phone_number: ana.phone,
    full_name: "Ana Souza",
    push_name: ana.name,
    error_code: null,
    error: null,
  };

  describe("200", () => {
    it("knows a contact by number, JID and LID, and asks WhatsApp nothing", async () => {
      world.simulator.received.reset();
      const inputs = ["+55 (11) 99999-9999", jidOf(ana), `${ana.phone}:3@s.whatsapp.net`, lidOf(ana)];
      assert.deepEqual(
        await resolved(...inputs),
        inputs.map((input) => ({ input, ...known })),
      );
      assert.equal(questions(), 0);
    });

    it("asks once for all numbers whose LID is not known, and remembers", async () => {
      world.simulator.received.reset();
      const items = await resolved(
        bruno.phone,
        jidOf(bruno),
        unregistered,
        fabio.alsoReachedAs[0] ?? "",
        "112233445566000@lid",
      );
      assert.partialDeepStrictEqual(items, [
        { found: true, jid: jidOf(bruno), lid: lidOf(bruno), phone_number: bruno.phone, full_name: null },
        { found: true, jid: jidOf(bruno), lid: lidOf(bruno) },
        { input: unregistered, found: false, jid: null, lid: null, phone_number: null },
        { found: true, jid: jidOf(fabio), lid: lidOf(fabio), phone_number: fabio.phone },
        { found: false, jid: "112233445566000@lid", lid: "112233445566000@lid", phone_number: null },
      ]);
      assert.equal(questions(), 1);
      await resolved(bruno.phone, fabio.phone, fabio.alsoReachedAs[0] ?? "");
      assert.equal(questions(), 1);
    });

    it("then finds the number of a LID", async () => {
      assert.partialDeepStrictEqual(await resolved(lidOf(bruno)), [
        { found: true, jid: jidOf(bruno), lid: lidOf(bruno), phone_number: bruno.phone },
      ]);
    });

    it("takes from Baileys what it keeps of numbers and LIDs", async () => {
      await world.simulator.account(carla.phone).sendMessage(owner, { conversation: "oi" });
      await until("Carla", async () => {
        const seen = dataOf(await world.call(`/contacts?device_id=${device}&search=carla`));
        return { found: listAt(seen, "items")[0], seen };
      });
      await world.write("delete from contacts where phone_number = ?", carla.phone);
      world.simulator.received.reset();
      assert.partialDeepStrictEqual(await resolved(carla.phone, lidOf(carla)), [
        { jid: jidOf(carla), lid: lidOf(carla), push_name: null },
        { jid: jidOf(carla), lid: lidOf(carla), phone_number: carla.phone },
      ]);
      assert.equal(questions(), 0);
    });

    it("answers 160 inputs, in the order they were given in", async () => {
      const numbers = Array.from({ length: 157 }, (_, index) => String(5_521_900_000_000 + index));
      const inputs = [lidOf(ana), ...numbers, ana.phone, lidOf(bruno)];
      const items = await resolved(...inputs);
      assert.deepEqual(
        items.map((item) => at(item, "input")),
        inputs,
      );
      assert.equal(items.filter((item) => at(item, "found") === true).length, 3);
    });

    it("says what is wrong with what is none, and who the others are", async () => {
      const group = "120363039000000000@g.us";
      const none = {
        found: false,
        jid: null,
        lid: null,
        phone_number: null,
        full_name: null,
        push_name: null,
      };
      assert.deepEqual(await resolved(group, "12345", ana.phone), [
        {
          input: group,
          ...none,
          error_code: "VALIDATION_ERROR",
          error: "must be the JID of a user, or a LID",
        },
        {
          input: "12345",
          ...none,
          error_code: "VALIDATION_ERROR",
          error: "must have more digits: no number with the country code 1 is so short",
        },
        { input: ana.phone, ...known },
      ]);
    });

    it("needs no connection for what is known", async () => {
      dataOf(await world.call(`/disconnect?device_id=${device}`, { method: "POST" }));
      assert.partialDeepStrictEqual(await resolved(ana.phone, lidOf(bruno)), [known, { jid: jidOf(bruno) }]);
      const answer = await resolve([ana.phone, unregistered]);
      assertRefused(answer, 503, "DEVICE_NOT_READY");
      assertRetryAfter(answer, 60, 60);
      await world.restartServer();
      assert.partialDeepStrictEqual(await resolved(lidOf(ana), lidOf(carla)), [known, { jid: jidOf(carla) }]);
      dataOf(await world.call(`/connect?device_id=${device}`, { method: "POST" }));
    });
  });

  describe("400", () => {
    for (const [inputs, field] of [
      [[], "inputs"],
      [Array.from({ length: 161 }, () => ana.phone), "inputs"],
      [[1], "inputs.0"],
      [[ana.phone, "x".repeat(65)], "inputs.1"],
    ] as const)
      it(`refuses ${JSON.stringify(inputs).slice(0, 40)}`, async () =>
        assertInvalid(await resolve(inputs), field));
  });

  it("404: has nothing of another user's device", async () => {
    const query = `device_id=${device}`;
    assertRefused(await resolve([ana.phone], query, await world.addUser()), 404, "DEVICE_NOT_FOUND");
  });

  it("409: a device that is not paired can ask nothing", async () => {
    const token = await world.addUser();
    await world.createDevice("One", token);
    assertRefused(await resolve([ana.phone], "", token), 409, "DEVICE_NOT_PAIRED");
    const [item] = listAt(dataOf(await resolve([lidOf(ana)], "", token)), "items");
    assert.partialDeepStrictEqual(item, {
      found: false,
      jid: lidOf(ana),
      phone_number: null,
      full_name: null,
    });
  });

  describe("when WhatsApp does not tell", () => {
    const unknown = () => resolve(["5511955555555"]);

    it("429: says that WhatsApp wants less", async () => {
      world.simulator.faults.answerError(({ tag }) => tag === "iq", 429);
      assertRefused(await unknown(), 429, "WHATSAPP_RATE_LIMITED");
    });

    it("502: says that WhatsApp refused", async () => {
      world.simulator.faults.answerError(({ tag }) => tag === "iq", 500);
      assertRefused(await unknown(), 502, "WHATSAPP_ERROR");
    });

    it("504: says that WhatsApp did not answer", async () => {
      world.simulator.faults.silence(({ tag }) => tag === "iq");
      assertRefused(await unknown(), 504, "WHATSAPP_TIMEOUT");
    });
  });
});
