import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";
import { assertRefused, at, dataOf } from "../../test-support/call.ts";
import { until } from "../../test-support/until.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const bia = "5511888888888";
const withoutPicture = "5511877777777";
const withoutNinth = "551133333333";
const withNinth = "5511933333333";
const unregistered = "5511444444444";
const group = "120363039000000000@g.us";
const pictures = "iq w:profile:picture get";

describe("What GET /contacts/profile-picture asks WhatsApp", () => {
  let world: World;
  let tokensSent: { target: string | undefined; token: boolean }[] = [];
  beforeAll(async () => {
    world = await startWorld();
    const { simulator } = world;
    simulator.addAccount({ phone: owner, picture: { id: "1600000000" } });
    simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    simulator.addAccount({ phone: bia, picture: { id: "1700000001" }, pictureBehaviour: "token-required" });
    simulator.addAccount({ phone: withoutNinth, alsoReachedAs: [withNinth], picture: { id: "1700000003" } });
    simulator.addAccount({ phone: withoutPicture });
    simulator.addGroup({ jid: group, subject: "Group", picture: { id: "1700000039" } });
    simulator.events.on("stanza", ({ stanza }) => {
      if (stanza.attrs.xmlns !== "w:profile:picture") return;
      const token = JSON.stringify(stanza.content).includes("tctoken");
      tokensSent.push({ target: stanza.attrs.target, token });
    });
    await world.pairedDevice(owner);
  });
  beforeEach(() => {
    tokensSent = [];
    world.simulator.received.reset();
  });
  afterEach(() => {
    world.simulator.faults.reset();
    // Baileys asks for a LID with a usync query of its own whenever it may; WhatsApp bans accounts that do it too often.
    assert.equal(world.simulator.received.get("iq usync get/lid"), 0);
  });
  afterAll(() => world.stop());

  const look = (query: string) => world.call(`/contacts/profile-picture?${query}`);
  const counts = () => {
    const { received } = world.simulator;
    return { pictures: received.get(pictures), registration: received.get("iq usync get") };
  };

  describe("for a person who is there", () => {
    it("is one stanza", async () => {
      dataOf(await look(`number=${ana}`));
      assert.deepEqual(counts(), { pictures: 1, registration: 0 });
    });

    it("is one stanza for equal requests at the same time", async () => {
      world.simulator.faults.latency(1_000, pictures);
      const answers = await Promise.all(
        [`number=${ana}`, `number=%2B${ana}`, `jid=${ana}@s.whatsapp.net`, `jid=${ana}:7@s.whatsapp.net`].map(
          look,
        ),
      );
      const [first] = answers.map((answer) => dataOf(answer));
      for (const answer of answers) assert.deepEqual(dataOf(answer), first);
      assert.deepEqual(counts(), { pictures: 1, registration: 0 });
    });

    it("is a stanza each for requests that differ, and for requests one after the other", async () => {
      await Promise.all([look(`number=${ana}`), look(`number=${ana}&preview=false`)]);
      await look(`number=${ana}&existing_id=1700000000`);
      await look(`number=${ana}`);
      assert.deepEqual(counts(), { pictures: 4, registration: 0 });
    });
  });

  describe("for a person without a picture", () => {
    it("asks once whether the number is registered, and not again", async () => {
      assertRefused(await look(`number=${withoutPicture}`), 404, "PICTURE_NOT_SET");
      assert.deepEqual(counts(), { pictures: 1, registration: 1 });
      assertRefused(await look(`number=${withoutPicture}`), 404, "PICTURE_NOT_SET");
      assert.deepEqual(counts(), { pictures: 2, registration: 1 });
    });

    it("asks each time for a number that is not on WhatsApp: it may be tomorrow", async () => {
      assertRefused(await look(`number=${unregistered}`), 404, "NOT_ON_WHATSAPP");
      assertRefused(await look(`number=${unregistered}`), 404, "NOT_ON_WHATSAPP");
      assert.deepEqual(counts(), { pictures: 2, registration: 2 });
    });
  });

  describe("for a number with a ninth digit too many", () => {
    it("finds the JID it is registered under, and remembers it", async () => {
      const found = { jid: `${withoutNinth}@s.whatsapp.net`, picture_id: "1700000003" };
      assert.partialDeepStrictEqual(dataOf(await look(`number=${withNinth}`)), found);
      assert.deepEqual(counts(), { pictures: 2, registration: 1 });

      world.simulator.received.reset();
      assert.partialDeepStrictEqual(dataOf(await look(`number=${withNinth}`)), found);
      assert.deepEqual(counts(), { pictures: 1, registration: 0 });
    });

    it("remembers it across a restart", async () => {
      await world.restartServer();
      dataOf(await world.call("/connect", { method: "POST" }));
      world.simulator.received.reset();
      dataOf(await look(`number=${withNinth}`));
      assert.deepEqual(counts(), { pictures: 1, registration: 0 });
    });

    it("says unchanged when the id is that of the other JID's picture", async () => {
      const answer = await look(`number=${withNinth}&existing_id=1700000003`);
      assert.partialDeepStrictEqual(dataOf(answer), {
        jid: `${withoutNinth}@s.whatsapp.net`,
        unchanged: true,
      });
    });
  });

  describe("for a contact without a picture", () => {
    it("is whether the number is registered, once", async () => {
      assertRefused(await look(`number=${unregistered}`), 404, "NOT_ON_WHATSAPP");
      assert.deepEqual(counts(), { pictures: 1, registration: 1 });
    });

    it("is not that for a LID or a group", async () => {
      assertRefused(await look("jid=112233445566778@lid"), 404, "PICTURE_NOT_SET");
      assertRefused(await look("jid=120363999999999999@g.us"), 404, "PICTURE_NOT_SET");
      assert.deepEqual(counts(), { pictures: 2, registration: 0 });
    });
  });

  describe("with a privacy token", () => {
    beforeAll(async () => {
      world.simulator.account(bia).givePrivacyToken(owner);
      await until("the token and whose it is", async () => {
        const kinds = (
          await world.rows("select type from signal_keys where type = 'tctoken' or id = ?", bia)
        ).map((row) => at(row, "type"));
        return { found: kinds.length >= 2 ? kinds : undefined, seen: kinds };
      });
    });

    it("shows the picture to who was given a token, by number and by LID", async () => {
      assert.equal(at(dataOf(await look(`number=${bia}`)), "picture_id"), "1700000001");
      assert.equal(
        at(dataOf(await look(`jid=${world.simulator.account(bia).lid}`)), "picture_id"),
        "1700000001",
      );
      assert.deepEqual(
        tokensSent.map(({ token }) => token),
        [true, true],
      );
    });

    it("sends none for who gave none, for a group, or for oneself", async () => {
      const { jid, lid } = world.simulator.account(owner);
      world.simulator.account(owner).givePrivacyToken(owner);
      for (const target of [`${ana}@s.whatsapp.net`, group, jid, lid]) {
        dataOf(await look(`jid=${target}`));
      }
      assert.deepEqual(
        tokensSent.map(({ token }) => token),
        [false, false, false, false],
      );
    });

    it("still has it after a restart", async () => {
      await world.restartServer();
      dataOf(await world.call("/connect", { method: "POST" }));
      dataOf(await look(`number=${bia}`));
    });
  });
});
