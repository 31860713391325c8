import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { assertRefused, at, dataOf, listAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const person = "5511900000000";
const bakery = "551144443333";
const friend = "5511999999999";

/** WhatsApp never reports the requesting account as registered: it leaves it out, or says that the number is not registered. */
describe("The account that a device is linked to", () => {
  let world: World;
  let asked = 0;
  const devices = new Map<string, string>();
  beforeAll(async () => {
    world = await startWorld({ WUTS_PICTURE_CACHE_SECONDS: "0" });
    const { simulator } = world;
    simulator.addAccount({ phone: person });
    simulator.addAccount({
      phone: bakery,
      businessName: "Padaria Central",
      business: { description: "Bread since 1954" },
      picture: { id: "1600000000" },
    });
    simulator.addAccount({ phone: friend });
    for (const phone of [person, bakery]) devices.set(phone, await world.pairedDevice(phone));
    const accounts = [person, bakery].map((phone) => simulator.account(phone));
    simulator.events.on("stanza", ({ stanza, connection }) => {
      const own = accounts.find(({ phone }) => phone === connection.phone);
      if (!own || stanza.attrs.xmlns !== "usync") return;
      const question = JSON.stringify(stanza);
      if ([own.phone, own.jid, own.lid].some((name) => question.includes(name))) asked += 1;
    });
  });
  afterEach(() => world.simulator.faults.reset());
  afterAll(() => world.stop());

  const own = (phone: string) => world.simulator.account(phone);
  const ask = (phone: string, path: string, body?: unknown) =>
    world.call(`${path}${path.includes("?") ? "&" : "?"}device_id=${devices.get(phone)}`, {
      ...(body !== undefined && { method: "POST", body }),
    });
  const names = (phone: string) => [phone, `+${phone}`, own(phone).jid, own(phone).lid];
  const identity = (phone: string) => ({ jid: own(phone).jid, lid: own(phone).lid, phone_number: phone });

  for (const answer of ["missing", "out", 500] as const)
    describe(`when WhatsApp answers about it: ${answer}`, () => {
      const lie = () => {
        asked = 0;
        for (const phone of [person, bakery]) world.simulator.faults.answerUser(phone, answer);
      };

      it("is on WhatsApp, and others beside it are asked for", async () => {
        lie();
        const items = listAt(
          dataOf(await ask(person, "/contacts/check", { numbers: [person, friend, `+${person}`] })),
          "items",
        );
        assert.partialDeepStrictEqual(items, [
          { on_whatsapp: true, ...identity(person), error_code: null },
          { on_whatsapp: true, ...identity(friend), error_code: null },
          { on_whatsapp: true, ...identity(person), error_code: null },
        ]);
        assert.equal(asked, 0);
      });

      it("is known by number, JID and LID, connected or not", async () => {
        lie();
        const inputs = names(person);
        const resolved = async () =>
          listAt(dataOf(await ask(person, "/contacts/resolve", { inputs })), "items");
        const expected = inputs.map((input) => ({
          input,
          found: true,
          ...identity(person),
          error_code: null,
        }));
        assert.partialDeepStrictEqual(await resolved(), expected);
        dataOf(await ask(person, "/disconnect", {}));
        assert.partialDeepStrictEqual(await resolved(), expected);
        dataOf(await ask(person, "/connect", {}));
        assert.equal(asked, 0);
      });

      it("has a profile", async () => {
        lie();
        for (const name of names(person)) {
          const given = name.includes("@") ? "jid" : "number";
          const profile = dataOf(await ask(person, `/contacts/profile?${given}=${encodeURIComponent(name)}`));
          assert.deepEqual(profile, {
            ...identity(person),
            about: null,
            about_set_at: null,
            picture_id: null,
            devices: [own(person).jid, own(person).devices[0]?.jid],
            business_name: null,
            business_profile: null,
          });
        }
        assert.partialDeepStrictEqual(dataOf(await ask(bakery, `/contacts/profile?number=${bakery}`)), {
          ...identity(bakery),
          picture_id: "1600000000",
          business_name: null,
          business_profile: { description: "Bread since 1954" },
        });
        assert.equal(asked, 0);
      });

      it("has a picture, or none, alone and among others", async () => {
        lie();
        const picture = dataOf(await ask(bakery, `/contacts/profile-picture?number=${bakery}`));
        assert.equal(at(picture, "picture_id"), "1600000000");
        for (const name of names(person)) {
          const given = name.includes("@") ? "jid" : "number";
          const path = `/contacts/profile-picture?${given}=${encodeURIComponent(name)}`;
          assertRefused(await ask(person, path), 404, "PICTURE_NOT_SET");
        }
        const many = await ask(person, "/contacts/profile-pictures", { numbers: [person, friend] });
        assert.deepEqual(
          listAt(dataOf(many), "items").map((item) => at(item, "error_code")),
          ["PICTURE_NOT_SET", "PICTURE_NOT_SET"],
        );
        assert.equal(asked, 0);
      });

      it("can neither be blocked nor unblocked", async () => {
        lie();
        for (const change of ["block", "unblock"])
          assertRefused(await ask(person, `/contacts/${change}?number=${person}`, {}), 409, "OWN_ACCOUNT");
        assert.equal(asked, 0);
      });
    });
});
