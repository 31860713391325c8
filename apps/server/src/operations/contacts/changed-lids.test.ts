import assert from "node:assert/strict";
import { afterAll, beforeAll, beforeEach, describe, it } from "vitest";
import { assertRefused, at, dataOf, listAt } from "../../test-support/call.ts";
import { until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const usync = "iq usync get";

/** A number may pass to another person, or an account may be recreated: the number has another LID then. */
describe("A number whose LID changes", () => {
  let world: World;
  let count = 0;
  let [phone, before, after] = ["", "", ""];
  let blocks: unknown[] = [];
  beforeAll(async () => {
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
    world.simulator.events.on("stanza", ({ stanza }) => {
      const { xmlns, type } = stanza.attrs;
      if (xmlns === "blocklist" && type === "set") blocks.push(at(stanza, "content", 0, "attrs"));
    });
    await world.pairedDevice(owner);
  });
  beforeEach(() => {
    count += 1;
    phone = String(5_511_910_000_000 + count);
    [before, after] = [`11223344550${count}1@lid`, `11223344550${count}2@lid`];
    world.simulator.addAccount({ phone, lid: digitsOf(before), name: "First" });
    blocks = [];
  });
  afterAll(() => world.stop());

  const digitsOf = (lid: string) => lid.slice(0, lid.indexOf("@"));
  const jid = () => `${phone}@s.whatsapp.net`;
  const account = () => world.simulator.account(phone);
  const change = () => account().changeLid(digitsOf(after));
  const check = async () => {
    const answer = await world.call("/contacts/check", { method: "POST", body: { numbers: [phone] } });
    return at(dataOf(answer), "items", 0);
  };
  const resolve = async (input: string) => {
    const answer = await world.call("/contacts/resolve", { method: "POST", body: { inputs: [input] } });
    return at(dataOf(answer), "items", 0);
  };
  const block = (lid: string) => world.call(`/contacts/block?jid=${lid}`, { method: "POST" });
  const contacts = async () => listAt(dataOf(await world.call(`/contacts?search=${phone}`)), "items");
  const aDayLater = () =>
    world.write(
      "update registrations set checked_at = ?",
      new Date(Date.now() - 25 * 3_600_000).toISOString(),
    );

  const untilHeard = () =>
    until("the LID", async () => {
      const seen = await contacts();
      return { found: seen.find((one) => at(one, "lid") === account().lid), seen };
    });

  /** How the device comes to know the number with its LID. */
  const reported = {
    "by a check": check,
    "by resolving it": () => resolve(phone),
    "by its profile": async () => dataOf(await world.call(`/contacts/profile?number=${phone}`)),
    "by blocking it": async () => {
      dataOf(await world.call(`/contacts/block?number=${phone}`, { method: "POST" }));
      dataOf(await world.call(`/contacts/unblock?number=${phone}`, { method: "POST" }));
      blocks = [];
    },
    "by a message": async () => {
      await account().sendMessage(owner, { conversation: "oi" });
      await untilHeard();
    },
    "by a message that names the LID first": async () => {
      await account().sendMessage(owner, { conversation: "oi" }, "lid");
      await untilHeard();
    },
    "by a privacy token": async () => {
      account().givePrivacyToken(owner);
      await untilHeard();
    },
  };

  for (const [first, hearBefore] of Object.entries(reported)) {
    for (const [then, hearAfter] of Object.entries(reported)) {
      it(`is known ${first}, with the other LID ${then}: the old one belongs to no account`, async () => {
        await hearBefore();
        assert.partialDeepStrictEqual(await resolve(before), {
          found: true,
          jid: jid(),
          phone_number: phone,
        });
        change();
        // WhatsApp's reply about a number is cached for that day.
        await aDayLater();
        // The server resolves a number with a known LID without a query to WhatsApp.
        if (then === "by resolving it")
          await world.write("delete from contacts where phone_number = ?", phone);
        if (then === "by resolving it") await world.write("delete from registrations");
        if (then === "by resolving it")
          await world.write("delete from signal_keys where type = 'lid-mapping'");
        await hearAfter();

        const unregistered = {
          found: false,
          jid: before,
          lid: before,
          phone_number: null,
          full_name: null,
          push_name: null,
        };
        assert.partialDeepStrictEqual(await resolve(before), { ...unregistered, error: null });
        const known = { found: true, jid: jid(), lid: after, phone_number: phone };
        assert.partialDeepStrictEqual(await resolve(after), known);
        assert.partialDeepStrictEqual(await resolve(phone), known);
        assert.partialDeepStrictEqual(await contacts(), [{ jid: jid(), lid: after }]);
        assert.partialDeepStrictEqual(await check(), { jid: jid(), lid: after });
        assertRefused(await block(before), 404, "NOT_ON_WHATSAPP");
        assert.deepEqual(blocks, [{ action: "block", jid: before, unknown_identifier: "true" }]);
        assert.deepEqual(world.simulator.account(owner).blocked, []);
      });
    }
  }

  it("is not blocked by its old LID although the device has not heard of the other one", async () => {
    await check();
    change();
    world.simulator.received.reset();
    assertRefused(await block(before), 404, "NOT_ON_WHATSAPP");
    assert.deepEqual(blocks, [{ action: "block", jid: before, unknown_identifier: "true" }]);
    assert.deepEqual(world.simulator.account(owner).blocked, []);
    assert.equal(world.simulator.received.get(usync), 1);
    // From now on it is known.
    assert.partialDeepStrictEqual(await resolve(before), { found: false, phone_number: null });
    assert.partialDeepStrictEqual(await resolve(after), { found: true, phone_number: phone });
  });

  it("is blocked and unblocked under the other LID as soon as that is heard of, although it was checked today", async () => {
    await check();
    change();
    await reported["by a message"]();
    dataOf(await world.call(`/contacts/block?number=${phone}`, { method: "POST" }));
    assert.deepEqual(blocks, [{ action: "block", jid: after, pn_jid: jid() }]);
    dataOf(await world.call(`/contacts/unblock?number=${phone}`, { method: "POST" }));
    assert.deepEqual(blocks.at(-1), { action: "unblock", jid: after });
    assert.partialDeepStrictEqual(await check(), { lid: after });
  });

  it("unblocks no contact by its old LID", async () => {
    await check();
    change();
    await aDayLater();
    dataOf(await world.call(`/contacts/block?number=${phone}`, { method: "POST" }));
    const answer = await world.call(`/contacts/unblock?jid=${before}`, { method: "POST" });
    assertRefused(answer, 404, "NOT_ON_WHATSAPP");
    assert.deepEqual(world.simulator.account(owner).blocked, [phone]);
    dataOf(await world.call(`/contacts/unblock?jid=${after}`, { method: "POST" }));
  });

  it("has no profile under the old LID, and one under the other", async () => {
    await check();
    change();
    assertRefused(await world.call(`/contacts/profile?jid=${before}`), 404, "NOT_ON_WHATSAPP");
    const profile = dataOf(await world.call(`/contacts/profile?jid=${after}`));
    assert.equal(at(profile, "lid"), after);
  });

  it("does not keep the names that another account gave itself, but that of the address book", async () => {
    world.simulator.account(owner).saveContact({ phone, fullName: "Ana Souza" });
    await reported["by a message"]();
    await until("both names", async () => {
      const seen = await contacts();
      const isWhole = (one: unknown) =>
        at(one, "full_name") === "Ana Souza" && at(one, "push_name") === "First";
      return { found: seen.some(isWhole) || undefined, seen };
    });
    change();
    await aDayLater();
    await check();
    assert.partialDeepStrictEqual(await contacts(), [
      { lid: after, full_name: "Ana Souza", push_name: null },
    ]);
    // The phone saved the contact when the number had the other LID.
    const body = { scopes: ["contacts"], full: true };
    dataOf(await world.call("/appstate/sync", { method: "POST", body }));
    assert.partialDeepStrictEqual(await contacts(), [
      { lid: after, full_name: "Ana Souza", push_name: null },
    ]);
    assert.partialDeepStrictEqual(await resolve(before), { found: false, phone_number: null });
  });

  it("is told wrongly by a block list that says how it was: that counts less than what was told since", async () => {
    change();
    await check();
    const list = {
      tag: "list",
      attrs: {},
      content: [{ tag: "item", attrs: { jid: before, pn_jid: jid() } }],
    };
    const undo = world.simulator.faults.malformed("iq blocklist get", [list]);
    assert.partialDeepStrictEqual(dataOf(await world.call("/contacts/blocklist")), {
      items: [{ lid: before }],
    });
    undo();
    assert.partialDeepStrictEqual(await resolve(phone), { lid: after });
    assert.partialDeepStrictEqual(await resolve(before), { found: false, phone_number: null });
  });
});

describe("A LID whose number changes", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    world.simulator.addAccount({ phone: owner });
    await world.pairedDevice(owner);
  });
  afterAll(() => world.stop());

  it("is not the old number's any more: WhatsApp is asked whose that is", async () => {
    const [old, now] = ["5511955555555", "5511966666666"];
    const lid = "112233445599999";
    const ana = world.simulator.addAccount({ phone: old, lid });
    const resolve = async (input: string) => {
      const answer = await world.call("/contacts/resolve", { method: "POST", body: { inputs: [input] } });
      return at(dataOf(answer), "items", 0);
    };
    assert.partialDeepStrictEqual(await resolve(old), { lid: `${lid}@lid` });
    ana.changeLid("112233445599998");
    await world.simulator
      .addAccount({ phone: now, lid, name: "Ana" })
      .sendMessage(owner, { conversation: "oi" });
    await until("the sender", async () => {
      const seen = dataOf(await world.call(`/contacts?search=${now}`));
      return { found: listAt(seen, "items").find((one) => at(one, "lid") === `${lid}@lid`), seen };
    });
    assert.partialDeepStrictEqual(await resolve(`${lid}@lid`), { jid: `${now}@s.whatsapp.net` });
    assert.partialDeepStrictEqual(await resolve(old), { lid: "112233445599998@lid" });
  });
});
