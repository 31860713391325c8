import assert from "node:assert/strict";
import { afterAll, beforeAll, beforeEach, describe, it } from "vitest";
import { at, dataOf, textAt } from "../../test-support/call.ts";
import { startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const ana = "5511999999999";
const anaJid = `${ana}@s.whatsapp.net`;
const group = "120363039000000000@g.us";
const oldGroup = "551199999999-1500000000@g.us";
const community = "120363040000000000@g.us";

describe("GET /contacts/profile-picture", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    const { simulator } = world;
    simulator.addAccount({ phone: owner, picture: { id: "1600000000" } });
    simulator.addAccount({ phone: ana, picture: { id: "1700000000" } });
    simulator.addGroup({ jid: group, subject: "Group", picture: { id: "1700000039" } });
    simulator.addGroup({ jid: oldGroup, subject: "Old", picture: { id: "1500000000" } });
    simulator.addGroup({
      jid: community,
      subject: "Community",
      picture: { id: "1700000040" },
      community: true,
    });
    await world.pairedDevice(owner);
  });
  beforeEach(() => {
    world.simulator.account(ana).setPictureBehaviour("visible");
    world.simulator.received.reset();
  });
  afterAll(() => world.stop());

  const look = async (query: string) => dataOf(await world.call(`/contacts/profile-picture?${query}`));

  describe("200", () => {
    it("answers the picture, where its bytes are and until when", async () => {
      const picture = await look(`number=${ana}&preview=false`);
      const url = new URL(textAt(picture, "url"));
      assert.deepEqual(picture, {
        jid: anaJid,
        url: url.href,
        picture_id: "1700000000",
        type: "image",
        direct_path: `${url.pathname}${url.search}`,
        expires_at: new Date(Number.parseInt(url.searchParams.get("oe") ?? "", 16) * 1000).toISOString(),
        unchanged: false,
      });
      const bytes = await fetch(url);
      assert.deepEqual([bytes.status, bytes.headers.get("content-type")], [200, "image/jpeg"]);
    });

    for (const [preview, type] of [
      ["", "preview"],
      ["&preview=true", "preview"],
      ["&preview=1", "preview"],
      ["&preview=false", "image"],
      ["&preview=0", "image"],
    ]) {
      it(`answers the ${type} for "${preview}"`, async () => {
        assert.equal(at(await look(`number=${ana}${preview}`), "type"), type);
      });
    }

    it("serves the preview in other bytes than the full image", async () => {
      const [image, preview] = await Promise.all(
        [false, true].map(async (flag) => {
          const found = await fetch(textAt(await look(`number=${ana}&preview=${flag}`), "url"));
          return (await found.arrayBuffer()).byteLength;
        }),
      );
      assert.ok(image !== undefined && preview !== undefined && preview < image, `${preview} < ${image}`);
    });

    for (const behaviour of [
      "visible",
      "unchanged-304",
      "empty-result",
      "empty-picture",
      "id-only",
    ] as const) {
      it(`says unchanged when existing_id still matches, told by "${behaviour}"`, async () => {
        world.simulator.account(ana).setPictureBehaviour(behaviour);
        assert.deepEqual(await look(`number=${ana}&preview=false&existing_id=1700000000`), {
          jid: anaJid,
          url: null,
          picture_id: "1700000000",
          type: "image",
          direct_path: null,
          expires_at: null,
          unchanged: true,
        });
      });
    }

    it("answers the picture when existing_id is an older one's", async () => {
      assert.partialDeepStrictEqual(await look(`number=${ana}&existing_id=1600000001`), {
        picture_id: "1700000000",
        unchanged: false,
      });
    });

    it("answers the own picture, which is asked for without a privacy token", async () => {
      assert.equal(at(await look(`number=${owner}`), "picture_id"), "1600000000");
    });
  });

  describe("200 for every way to write a person", () => {
    for (const number of [
      encodeURIComponent("+55 (11) 99999-9999"),
      "+55 (11) 99999-9999",
      "005511999999999",
      "00 55 11 9.9999.9999",
      "55.11.99999.9999",
      "%20%2B5511999999999%20",
      "%28%2B55%2911999999999",
      encodeURIComponent("+55 (011) 99999-9999"),
      encodeURIComponent("\u202a+55 11 99999\u20119999\u202c"),
    ]) {
      it(`number=${number}`, async () => {
        assert.equal(at(await look(`number=${number}`), "jid"), anaJid);
      });
    }

    it("jid with a raw @", async () => {
      assert.equal(at(await look(`jid=${anaJid}`), "jid"), anaJid);
    });

    it("jid with an encoded @", async () => {
      assert.equal(at(await look(`jid=${encodeURIComponent(anaJid)}`), "jid"), anaJid);
    });

    it("jid of a device, whose device part is dropped", async () => {
      assert.equal(at(await look(`jid=${ana}:3@s.whatsapp.net`), "jid"), anaJid);
    });

    it("jid that is a LID", async () => {
      const { lid } = world.simulator.account(ana);
      assert.partialDeepStrictEqual(await look(`jid=${lid}`), { jid: lid, picture_id: "1700000000" });
    });

    it("jid beside a number: the jid wins", async () => {
      assert.equal(at(await look(`number=${ana}&jid=${owner}@s.whatsapp.net`), "picture_id"), "1600000000");
    });
  });

  describe("200 for groups", () => {
    it("answers a group's picture with one stanza", async () => {
      assert.partialDeepStrictEqual(await look(`jid=${group}`), { jid: group, picture_id: "1700000039" });
      assert.equal(world.simulator.received.get("iq w:g2 get"), 0);
    });

    it("answers the picture of a group with an id of the old form", async () => {
      assert.equal(at(await look(`jid=${oldGroup}`), "picture_id"), "1500000000");
    });

    it("asks a community once more, in the form that communities answer", async () => {
      assert.partialDeepStrictEqual(await look(`jid=${community}&preview=0`), {
        jid: community,
        picture_id: "1700000040",
        type: "image",
      });
      const { received } = world.simulator;
      assert.deepEqual([received.get("iq w:profile:picture get"), received.get("iq w:g2 get")], [1, 1]);
    });

    it("says that a community's picture is unchanged", async () => {
      assert.equal(at(await look(`jid=${community}&existing_id=1700000040`), "unchanged"), true);
    });
  });
});
