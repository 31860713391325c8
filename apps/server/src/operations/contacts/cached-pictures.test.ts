import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { assertRefused, at, type CallOptions, dataOf, listAt } from "../../test-support/call.ts";
import type { World } from "../../test-support/world.ts";
import {
  community,
  group,
  idOf,
  noCache,
  pictures,
  shareWorldOfAnswers,
  type Users,
  unregistered,
  usersOf,
  withNinth,
  withoutNinth,
  worldOfAnswers,
} from "../../test-support/worlds/cached-pictures.ts";

describe("What WhatsApp said of pictures, without WUTS_PICTURE_CACHE_SECONDS", () => {
  it("is not remembered", async (t) => {
    const world = await worldOfAnswers({});
    t.onTestFinished(() => world.stop());
    const { look, asked, remembered, someone } = usersOf(world);
    const { phone } = someone();
    world.simulator.received.reset();
    assert.deepEqual(idOf(await look(`number=${phone}`)), idOf(await look(`number=${phone}`)));
    assert.deepEqual([asked(), await remembered()], [2, []]);
  });

  it("is forgotten when it was remembered before", async (t) => {
    const world = await worldOfAnswers({ WUTS_PICTURE_CACHE_SECONDS: "3600" });
    t.onTestFinished(() => world.stop());
    const { look, asked, remembered, someone } = usersOf(world);
    const [{ phone }] = [someone()];
    idOf(await look(`number=${phone}`));
    assert.equal((await remembered()).length, 1);
    await world.restartServer({ WUTS_PICTURE_CACHE_SECONDS: "0" });
    dataOf(await world.call("/connect", { method: "POST" }));
    assert.deepEqual(await remembered(), []);
    world.simulator.received.reset();
    idOf(await look(`number=${phone}`));
    assert.equal(asked(), 1);
  });
});

describe("What WhatsApp said of pictures, with WUTS_PICTURE_CACHE_SECONDS", () => {
  let world: World;
  let to: Users;
  shareWorldOfAnswers((shared) => {
    ({ world, to } = shared);
  });

  describe("is answered again without asking WhatsApp:", () => {
    it("a picture, word for word", async () => {
      const { phone, jid } = to.someone();
      const first = dataOf(await to.look(`number=${phone}`));
      assert.deepEqual(dataOf(await to.look(`jid=${jid}`)), first);
      assert.equal(to.asked(), 1);
    });

    it("each size for itself", async () => {
      const { phone } = to.someone();
      for (const _ of [1, 2])
        for (const [preview, type] of [
          [1, "preview"],
          [0, "image"],
        ] as const)
          assert.equal(at(dataOf(await to.look(`number=${phone}&preview=${preview}`)), "type"), type);
      assert.equal(to.asked(), 2);
    });

    it("that none is set, that it is hidden, that no account has the number", async () => {
      const [without, hiding] = [to.someone(), to.someone()];
      without.setPicture(null);
      hiding.hidePicture();
      for (const [query, code, count] of [
        [`number=${without.phone}`, "PICTURE_NOT_SET", 2],
        [`jid=${hiding.jid}`, "PICTURE_HIDDEN", 1],
        [`number=${unregistered}`, "NOT_ON_WHATSAPP", 2],
      ] as const) {
        world.simulator.received.reset();
        const [first, again] = [await to.look(query), await to.look(query)];
        assertRefused(first, 404, code);
        assertRefused(again, 404, code);
        assert.equal(at(again.body, "error"), at(first.body, "error"));
        assert.equal(to.asked(), count, code);
      }
    });

    it("under the JID that answered", async () => {
      const first = dataOf(await to.look(`number=${withNinth}`));
      assert.equal(at(first, "jid"), `${withoutNinth}@s.whatsapp.net`);
      const count = to.asked();
      assert.deepEqual(dataOf(await to.look(`number=${withNinth}`)), first);
      assert.equal(to.asked(), count);
    });

    for (const jid of [group, community])
      it(`the picture of ${jid}`, async () => {
        const first = dataOf(await to.look(`jid=${jid}`));
        const count = to.asked();
        assert.deepEqual(dataOf(await to.look(`jid=${jid}`)), first);
        assert.equal(to.asked(), count);
      });

    it("to every caller: for the picture, for its bytes, for many", async () => {
      const { phone, jid } = to.someone();
      const first = dataOf(await to.look(`number=${phone}`));
      world.simulator.cdn.requests.reset();
      for (const _ of [1, 2]) assert.equal((await to.image(`number=${phone}`)).status, 200);
      assert.equal(world.simulator.cdn.requests.total, 1);
      const other = to.someone();
      for (const _ of [1, 2])
        assert.deepEqual(listAt(dataOf(await to.lookUp([phone, `+${phone}`, other.phone])), "items"), [
          ...[phone, `+${phone}`].map((input) => ({ input, picture: first, error_code: null, error: null })),
          {
            input: other.phone,
            picture: dataOf(await to.look(`jid=${other.jid}`)),
            error_code: null,
            error: null,
          },
        ]);
      assert.equal(to.asked(), 2);
      assert.deepEqual(await to.remembered(), [jid, other.jid]);
    });

    it("that the picture is still the one with an id", async () => {
      const { phone, picture } = to.someone();
      const query = `number=${phone}&existing_id=`;
      const found = dataOf(await to.look(`${query}1`));
      const known = dataOf(await to.look(query + picture?.id));
      assert.partialDeepStrictEqual(known, {
        picture_id: picture?.id,
        type: "preview",
        url: null,
        unchanged: true,
      });
      assert.deepEqual(dataOf(await to.look(`${query}2`)), found);
      assert.equal(to.asked(), 1);
    });

    it("that it is unchanged, where WhatsApp has not said more", async () => {
      const { phone, picture } = to.someone();
      const query = `number=${phone}&existing_id=${picture?.id}`;
      const first = dataOf(await to.look(query));
      assert.equal(at(first, "unchanged"), true);
      assert.deepEqual(dataOf(await to.look(query)), first);
      assert.equal(to.asked(), 1);
      // Where it is, is another question.
      const found = dataOf(await to.look(`number=${phone}`));
      assert.equal(to.asked(), 2);
      // Which is not forgotten when WhatsApp says again that it is unchanged.
      assert.deepEqual(dataOf(await to.look(query, noCache)), first);
      assert.deepEqual(dataOf(await to.look(`number=${phone}`)), found);
      assert.equal(to.asked(), 3);
    });

    it("after a restart of the server", async () => {
      const { phone } = to.someone();
      const first = dataOf(await to.look(`number=${phone}`));
      await world.restartServer();
      dataOf(await world.call("/connect", { method: "POST" }));
      world.simulator.received.reset();
      assert.deepEqual(dataOf(await to.look(`number=${phone}`)), first);
      assert.equal(to.asked(), 0);
    });
  });

  describe("is not answered again", () => {
    for (const value of ["no-cache", "No-Cache", "max-age=0, no-cache", "no-store,NO-CACHE ,max-age=1"])
      it(`to "Cache-Control: ${value}", and then there is a new one`, async () => {
        const { phone } = to.someone();
        const options = { headers: { "cache-control": value } };
        idOf(await to.look(`number=${phone}`));
        await world.write("update picture_answers set picture_id = 'old'");
        assert.equal(idOf(await to.look(`number=${phone}`, options)), `1${phone}`);
        assert.equal(idOf(await to.look(`number=${phone}`)), `1${phone}`);
        assert.equal((await to.image(`number=${phone}`, options)).status, 200);
        dataOf(await to.lookUp([phone], options));
        assert.equal(to.asked(), 4);
      });

    it("to what only looks like that", async () => {
      const { phone } = to.someone();
      idOf(await to.look(`number=${phone}`));
      for (const value of ["max-age=0", "no-cached", 'no-cache="x"', "no-store"])
        idOf(await to.look(`number=${phone}`, { headers: { "cache-control": value } }));
      assert.equal(to.asked(), 1);
    });

    it("to a fetch with If-None-Match, to which fetch adds that by itself", async () => {
      const { phone } = to.someone();
      const etag = (await to.image(`number=${phone}`)).headers.get("etag") ?? "";
      const ask = (headers: Record<string, string>) =>
        to.image(`number=${phone}`, { headers: { "if-none-match": etag, ...headers } });
      assert.equal((await ask({})).status, 304);
      assert.equal(to.asked(), 2);
      assert.equal((await ask({ "cache-control": "max-age=0" })).status, 304);
      assert.equal(to.asked(), 2);
    });

    it("when it is too old, and then it goes, whatever contact it is about", async () => {
      const [one, other] = [to.someone(), to.someone()];
      for (const { phone } of [one, other]) idOf(await to.look(`number=${phone}`));
      const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
      await world.write("update picture_answers set told_at = ?", hourAgo);
      idOf(await to.look(`number=${one.phone}`));
      assert.equal(to.asked(), 3);
      assert.deepEqual(await to.remembered(), [one.jid]);
    });

    it("when the picture's URL stops working within a minute, unless only the id is asked for", async () => {
      const person = to.someone();
      person.setPicture({ id: "1800000001", urlLifetimeSeconds: 30 });
      for (const _ of [1, 2]) idOf(await to.look(`number=${person.phone}`));
      assert.equal(to.asked(), 2);
      const known = await to.look(`number=${person.phone}&existing_id=1800000001`);
      assert.equal(at(dataOf(known), "unchanged"), true);
      assert.equal(to.asked(), 2);
    });

    it("when the picture turns out to be where it was no more", async () => {
      const { phone } = to.someone();
      idOf(await to.look(`number=${phone}`));
      const undo = world.simulator.faults.cdn.refuse(404);
      assertRefused(await to.image(`number=${phone}`), 502, "WHATSAPP_ERROR");
      undo();
      assert.equal((await to.image(`number=${phone}`)).status, 200);
      assert.equal(to.asked(), 2);
    });

    it("through another device, of whatever tenant", async () => {
      const { phone } = to.someone();
      idOf(await to.look(`number=${phone}`));
      const other = "5511911111111";
      world.simulator.addAccount({ phone: other });
      const { token } = await world.addPerson("admin", await world.addTenant());
      await world.pairedDevice(other, token);
      world.simulator.received.reset();
      world.simulator.account(phone).hidePicture();
      assertRefused(await to.look(`number=${phone}`, { token }), 404, "PICTURE_HIDDEN");
      assert.equal(to.asked(), 1);
      assert.equal(idOf(await to.look(`number=${phone}`)), `1${phone}`);
    });

    it("while the device is not connected", async () => {
      const { phone } = to.someone();
      idOf(await to.look(`number=${phone}`));
      dataOf(await world.call("/disconnect", { method: "POST" }));
      assertRefused(await to.look(`number=${phone}`), 503, "DEVICE_NOT_READY");
      assertRefused(await to.lookUp([phone]), 503, "DEVICE_NOT_READY");
      dataOf(await world.call("/connect", { method: "POST" }));
    });
  });

  describe("is not remembered when it says nothing of the picture:", () => {
    for (const [behaviour, status, code] of [
      ["rate-limited", 429, "WHATSAPP_RATE_LIMITED"],
      ["bad-request", 502, "WHATSAPP_ERROR"],
      ["malformed", 502, "WHATSAPP_ERROR"],
      ["silent", 504, "WHATSAPP_TIMEOUT"],
    ] as const)
      it(`${behaviour}, and what it said before still counts`, async () => {
        const person = to.someone();
        const query = `number=${person.phone}`;
        person.setPictureBehaviour(behaviour);
        assertRefused(await to.look(query), status, code);
        assert.deepEqual(await to.remembered(), []);
        person.showPicture();
        const first = dataOf(await to.look(query));
        person.setPictureBehaviour(behaviour);
        assertRefused(await to.look(query, noCache), status, code);
        assert.deepEqual(dataOf(await to.look(query)), first);
      });
  });
});

describe("What WhatsApp said of pictures, with turns that do not come", () => {
  it("is answered at once to who asks for many, and uses no turn up", async (t) => {
    const world = await worldOfAnswers({
      WUTS_PICTURE_CACHE_SECONDS: "3600",
      WUTS_PICTURE_PACE_PER_MINUTE: "1",
      WUTS_PICTURES_TIMEOUT_MS: "1000",
    });
    t.onTestFinished(() => world.stop());
    const to = usersOf(world);
    const known = [to.someone(), to.someone(), to.someone()].map(({ phone }) => phone);
    for (const phone of known) idOf(await to.look(`number=${phone}`));
    const codes = async (numbers: readonly string[], options?: CallOptions) =>
      listAt(dataOf(await to.lookUp(numbers, options)), "items").map((item) => at(item, "error_code"));
    const [first, second] = [to.someone().phone, to.someone().phone];
    assert.deepEqual(await codes(known), [null, null, null]);
    // The only turn of this minute.
    assert.deepEqual(await codes([...known, first]), [null, null, null, null]);
    assert.deepEqual(await codes([second, ...known]), ["DEVICE_BUSY", null, null, null]);
    assert.deepEqual(await codes(known.slice(0, 1), noCache), ["DEVICE_BUSY"]);
    assert.equal(world.simulator.received.get(pictures), known.length + 1);
  });
});
