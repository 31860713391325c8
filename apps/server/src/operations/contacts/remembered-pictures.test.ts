import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { Account } from "@wuts/whatsapp-simulator";
import sharp from "sharp";
import { type Answer, assertRefused, at, type CallOptions, dataOf, listAt } from "../../test-support/call.ts";
import { nextEvent } from "../../test-support/until.ts";
import { type Settings, startWorld, type World } from "../../test-support/world.ts";

const owner = "5511900000000";
const withoutNinth = "551133333333";
const withNinth = "5511933333333";
const nobody = "5511444444444";
const group = "120363039000000000@g.us";
const community = "120363040000000000@g.us";
const pictures = "iq w:profile:picture get";

/** People who are all in the owner's address book, so that WhatsApp tells of their pictures. */
const phones = Array.from({ length: 60 }, (_, index) => `${5_531_900_000_000 + index}`);

async function worldWith(settings: Settings): Promise<World> {
  const world = await startWorld({
    WUTS_WHATSAPP_TIMEOUT_MS: "1000",
    WUTS_PICTURE_PACE_PER_MINUTE: "60000",
    ...settings,
  });
  const { simulator } = world;
  for (const phone of phones) simulator.addAccount({ phone, picture: { id: `1${phone}` } });
  const contacts = phones.map((phone) => ({ phone, fullName: `Friend ${phone}` }));
  simulator.addAccount({ phone: owner, picture: { id: "1600000000" }, contacts });
  simulator.addAccount({ phone: withoutNinth, alsoReachedAs: [withNinth], picture: { id: "1700000003" } });
  simulator.addGroup({ jid: group, subject: "Group", participants: [owner], picture: { id: "1700000039" } });
  simulator.addGroup({
    jid: community,
    subject: "Community",
    picture: { id: "1700000040" },
    community: true,
  });
  await world.pairedDevice(owner);
  return world;
}

/** What the tests do in a world, and see of it. */
function usersOf(world: World) {
  const { simulator } = world;
  const rest = [...phones];
  const call = (path: string, options?: CallOptions) => world.call(`/contacts/${path}`, options);
  return {
    call,
    /** Somebody whom no test has asked for. */
    someone(): Account {
      return simulator.account(rest.shift() ?? "");
    },
    look: (query: string, options?: CallOptions) => call(`profile-picture?${query}`, options),
    image: (query: string, options?: CallOptions) => call(`profile-picture/image?${query}`, options),
    lookUp: (numbers: readonly string[], options: CallOptions = {}) =>
      call("profile-pictures", { method: "POST", body: { numbers }, ...options }),
    /** What WhatsApp was asked for by all that was done. */
    asked() {
      const { received } = simulator;
      return received.get(pictures) + received.get("iq w:g2 get") + received.get("iq usync get");
    },
    /** For whom answers are remembered, in whatever size. */
    remembered: (...jids: readonly string[]) =>
      world
        .rows("select distinct asked_jid from picture_answers order by 1")
        .map((row) => String(at(row, "asked_jid")))
        .filter((jid) => jids.length === 0 || jids.includes(jid)),
    /**
     * Changes somebody's picture, and waits until the server tells WhatsApp that it has heard of it.
     * @returns what it remembers at that moment
     */
    async changed(change: () => void, named: string): Promise<number> {
      let left: number | undefined;
      const heard = nextEvent(simulator.events, "stanza", ({ stanza: { tag, attrs } }) => {
        const isIt = tag === "ack" && attrs.type === "picture" && attrs.to === named;
        if (isIt) left = world.rows("select * from picture_answers").length;
        return isIt;
      });
      change();
      await heard;
      assert.ok(left !== undefined);
      return left;
    },
  };
}

const idOf = (answer: Answer) => at(dataOf(answer), "id");
const noCache = { headers: { "cache-control": "no-cache" } };

describe("What WhatsApp said of pictures, without WUTS_PICTURE_ANSWERS_SECONDS", () => {
  it("is not remembered", async (t) => {
    const world = await worldWith({});
    t.after(() => world.stop());
    const { look, asked, remembered, someone } = usersOf(world);
    const { phone } = someone();
    world.simulator.received.reset();
    assert.deepEqual(idOf(await look(`number=${phone}`)), idOf(await look(`number=${phone}`)));
    assert.deepEqual([asked(), remembered()], [2, []]);
  });

  it("is forgotten when it was remembered before", async (t) => {
    const world = await worldWith({ WUTS_PICTURE_ANSWERS_SECONDS: "3600" });
    t.after(() => world.stop());
    const { look, asked, remembered, someone } = usersOf(world);
    const [{ phone }] = [someone()];
    idOf(await look(`number=${phone}`));
    assert.equal(remembered().length, 1);
    await world.restartServer({ WUTS_PICTURE_ANSWERS_SECONDS: "0" });
    dataOf(await world.call("/connect", { method: "POST" }));
    assert.deepEqual(remembered(), []);
    world.simulator.received.reset();
    idOf(await look(`number=${phone}`));
    assert.equal(asked(), 1);
  });
});

describe("What WhatsApp said of pictures, with WUTS_PICTURE_ANSWERS_SECONDS", () => {
  let world: World;
  let to: ReturnType<typeof usersOf>;
  before(async () => {
    world = await worldWith({ WUTS_PICTURE_ANSWERS_SECONDS: "3600" });
    to = usersOf(world);
  });
  beforeEach(() => {
    world.write("delete from picture_answers");
    world.write("delete from registrations");
    world.simulator.received.reset();
  });
  afterEach(() => world.simulator.faults.reset());
  after(() => world.stop());

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

    it("that none is set, that it is hidden, that nobody has the number", async () => {
      const [without, hiding] = [to.someone(), to.someone()];
      without.setPicture(null);
      hiding.hidePicture();
      for (const [query, code, count] of [
        [`number=${without.phone}`, "PICTURE_NOT_SET", 2],
        [`jid=${hiding.jid}`, "PICTURE_HIDDEN", 1],
        [`number=${nobody}`, "NOT_ON_WHATSAPP", 2],
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

    it("to whoever asks: for the picture, for its bytes, for many", async () => {
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
      assert.deepEqual(to.remembered(), [jid, other.jid]);
    });

    it("that the picture is still the one with an id", async () => {
      const { phone, picture } = to.someone();
      const query = `number=${phone}&existing_id=`;
      const found = dataOf(await to.look(`${query}1`));
      const known = dataOf(await to.look(query + picture?.id));
      assert.partialDeepStrictEqual(known, { id: picture?.id, type: "preview", url: null, unchanged: true });
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
        world.write("update picture_answers set picture_id = 'old'");
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

    it("when it is too old, and then it goes, whoever it is about", async () => {
      const [one, other] = [to.someone(), to.someone()];
      for (const { phone } of [one, other]) idOf(await to.look(`number=${phone}`));
      const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
      world.write("update picture_answers set told_at = ?", hourAgo);
      idOf(await to.look(`number=${one.phone}`));
      assert.equal(to.asked(), 3);
      assert.deepEqual(to.remembered(), [one.jid]);
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
      const { token } = world.addPerson("admin", world.addTenant());
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
        assert.deepEqual(to.remembered(), []);
        person.showPicture();
        const first = dataOf(await to.look(query));
        person.setPictureBehaviour(behaviour);
        assertRefused(await to.look(query, noCache), status, code);
        assert.deepEqual(dataOf(await to.look(query)), first);
      });
  });

  describe("is forgotten before WhatsApp is told that its news have arrived:", () => {
    for (const [what, picture] of [
      ["somebody sets a picture", { id: "1800000002" }],
      ["somebody removes their picture", null],
    ] as const)
      it(`${what}; in both sizes, by number and LID, and of nobody else`, async () => {
        const [person, other] = [to.someone(), to.someone()];
        const queries = [`number=${person.phone}`, `number=${person.phone}&preview=0`, `jid=${person.lid}`];
        for (const query of [...queries, `number=${other.phone}`]) idOf(await to.look(query));
        assert.equal(await to.changed(() => person.setPicture(picture), person.jid), 1);
        assert.deepEqual(to.remembered(), [other.jid]);
        for (const query of queries) {
          const answer = await to.look(query);
          if (picture) assert.equal(idOf(answer), picture.id);
          else assertRefused(answer, 404, "PICTURE_NOT_SET");
        }
      });

    it("under the LID, where it is known whose it is", async () => {
      const [person, other] = [to.someone(), to.someone()];
      for (const { phone, lid } of [person, other])
        for (const query of [`number=${phone}`, `jid=${lid}`]) idOf(await to.look(query));
      world.simulator.faults.nameInPictureNews("lid");
      assert.equal(await to.changed(() => person.setPicture({ id: "1800000003" }), person.lid), 2);
      assert.deepEqual(to.remembered(person.jid, person.lid), []);
    });

    it("the one under which a number answered", async () => {
      const { jid } = world.simulator.account(withoutNinth);
      world.simulator.account(owner).saveContact({ phone: withoutNinth, fullName: "Without ninth" });
      idOf(await to.look(`number=${withNinth}`));
      world.write("delete from registrations");
      const change = () => world.simulator.account(withoutNinth).setPicture({ id: "1800000004" });
      assert.equal(await to.changed(change, jid), 0);
    });

    it("of all by number, when nobody knows whose LID it is", async () => {
      const [person, other] = [to.someone(), to.someone()];
      for (const { phone, lid } of [person, other])
        for (const query of [`number=${phone}`, `jid=${lid}`]) idOf(await to.look(query));
      idOf(await to.look(`jid=${group}`));
      forgetWhoIsWho(world);
      world.simulator.faults.nameInPictureNews("lid");
      await to.changed(() => person.setPicture({ id: "1800000005" }), person.lid);
      assert.deepEqual(to.remembered(), [group, other.lid].sort());
    });

    it("of all by LID, when nobody knows which is a number's", async () => {
      const [person, other] = [to.someone(), to.someone()];
      for (const { phone, lid } of [person, other])
        for (const query of [`number=${phone}`, `jid=${lid}`]) idOf(await to.look(query));
      forgetWhoIsWho(world);
      await to.changed(() => person.setPicture({ id: "1800000006" }), person.jid);
      assert.deepEqual(to.remembered(), [other.jid]);
    });

    it("of all, when WhatsApp does not say whose picture it is", async () => {
      const [person, other] = [to.someone(), to.someone()];
      for (const query of [`number=${other.phone}`, `jid=${other.lid}`, `jid=${group}`])
        idOf(await to.look(query));
      world.simulator.faults.nameInPictureNews("hash");
      assert.equal(await to.changed(() => person.setPicture(null), "@s.whatsapp.net"), 0);
    });

    it("of a group", async () => {
      const { phone, jid } = to.someone();
      for (const query of [`jid=${group}`, `jid=${group}&preview=0`, `number=${phone}`])
        idOf(await to.look(query));
      await to.changed(() => world.simulator.group(group).setPicture({ id: "1800000007" }), group);
      assert.deepEqual(to.remembered(), [jid]);
      assert.equal(idOf(await to.look(`jid=${group}`)), "1800000007");
    });

    it("of the account itself, whose phone has another picture", async () => {
      const own = world.simulator.account(owner);
      for (const query of [`number=${owner}`, `jid=${own.lid}`]) idOf(await to.look(query));
      assert.equal(await to.changed(() => own.setPicture({ id: "1600000001" }), own.jid), 0);
      assert.equal(idOf(await to.look(`number=${owner}`)), "1600000001");
    });
  });

  describe("is forgotten when the device itself changes", () => {
    let image = "";
    before(async () => {
      const create = { width: 300, height: 200, channels: 3 as const, background: "red" };
      image = (await sharp({ create }).jpeg().toBuffer()).toString("base64");
    });

    for (const [path, what] of [
      ["/profile/picture", "the account's picture"],
      [`/groups/${group}/picture`, "a group's picture"],
    ] as const)
      it(`${what}, before WhatsApp is asked for it and after`, async () => {
        const own = world.simulator.account(owner);
        const query = path.includes(group) ? `jid=${group}` : `number=${owner}`;
        own.setPicture({ id: "1600000002" });
        world.simulator.group(group).setPicture({ id: "1700000039" });
        const { phone, jid } = to.someone();
        for (const each of [query, `jid=${own.lid}`, `number=${phone}`]) idOf(await to.look(each, noCache));
        const mine = path.includes(group) ? [group] : [own.jid, own.lid];
        assert.deepEqual(to.remembered(...mine), mine);
        for (const [method, body] of [
          ["POST", { image }],
          ["DELETE", undefined],
        ] as const) {
          let left: readonly string[] = [];
          const arrived = nextEvent(world.simulator.events, "stanza", ({ stanza: { attrs } }) => {
            const isIt = attrs.xmlns === "w:profile:picture" && attrs.type === "set";
            if (isIt) left = to.remembered(...mine);
            return isIt;
          });
          const undo = world.simulator.faults.latency(300, "iq w:profile:picture set");
          const changing = world.call(path, { method, body });
          await arrived;
          assert.deepEqual(left, []);
          // What is asked while the change is under way may be older than the change.
          await to.look(query);
          assert.deepEqual(to.remembered(...mine).length, 1);
          const changed = dataOf(await changing);
          undo();
          assert.deepEqual(to.remembered(...mine), []);
          const answer = await to.look(query);
          if (body) assert.equal(idOf(answer), at(changed, "picture_id"));
          else assertRefused(answer, 404, "PICTURE_NOT_SET");
        }
        assert.deepEqual(to.remembered(jid), [jid]);
      });
  });

  describe("is not remembered when it was asked for before WhatsApp's news and comes after them", () => {
    const arrival = () =>
      nextEvent(
        world.simulator.events,
        "stanza",
        ({ stanza: { attrs } }) => attrs.xmlns === "w:profile:picture",
      );

    it("nor is it shared with who asks after them", async () => {
      const person = to.someone();
      const { phone, jid } = person;
      const url = String(at(dataOf(await to.look(`number=${phone}`)), "url"));
      world.write("delete from picture_answers");
      const undoLatency = world.simulator.faults.latency(500, pictures);
      const old = { tag: "picture", attrs: { id: `1${phone}`, type: "preview", url } };
      const undoOld = world.simulator.faults.malformed(
        ({ attrs }, _connection) => attrs.xmlns === "w:profile:picture" && attrs.target === jid,
        [old],
      );
      const arrived = arrival();
      const early = to.look(`number=${phone}`);
      await arrived;
      await to.changed(() => person.setPicture({ id: "1800000008" }), jid);
      undoLatency();
      world.simulator.received.reset();
      const late = to.look(`number=${phone}`);
      assert.equal(idOf(await late), `1${phone}`);
      assert.equal(world.simulator.received.get(pictures), 1);
      assert.deepEqual(to.remembered(), [jid]);
      world.write("delete from picture_answers");
      assert.equal(idOf(await early), `1${phone}`);
      assert.deepEqual(to.remembered(), []);
      undoOld();
      assert.equal(idOf(await to.look(`number=${phone}`)), "1800000008");
    });
  });

  describe("is forgotten when the picture was changed while", () => {
    const away = async (leave: () => Promise<unknown>) => {
      const gone = nextEvent(world.simulator.events, "disconnected");
      await leave();
      await gone;
    };

    it("the device was disconnected", async () => {
      const person = to.someone();
      for (const preview of [0, 1]) idOf(await to.look(`number=${person.phone}&preview=${preview}`));
      await away(() => world.call("/disconnect", { method: "POST" }));
      person.setPicture({ id: "1800000009" });
      dataOf(await world.call("/connect", { method: "POST" }));
      for (const preview of [0, 1])
        assert.equal(idOf(await to.look(`number=${person.phone}&preview=${preview}`)), "1800000009");
    });

    it("the connection was lost", async () => {
      const [device] = listAt(dataOf(await world.call("/devices")), "items");
      const person = to.someone();
      idOf(await to.look(`number=${person.phone}`));
      await away(async () => world.simulator.faults.close(owner, "tcp-drop"));
      person.setPicture({ id: "1800000010" });
      await world.untilState(String(at(device, "id")), "connected");
      assert.equal(idOf(await to.look(`number=${person.phone}`)), "1800000010");
    });

    it("the server was stopped", async () => {
      const person = to.someone();
      idOf(await to.look(`number=${person.phone}`));
      await away(() => world.stopServer());
      person.setPicture({ id: "1800000011" });
      await world.restartServer();
      dataOf(await world.call("/connect", { method: "POST" }));
      assert.equal(idOf(await to.look(`number=${person.phone}`)), "1800000011");
    });

    it("the device was away, and WhatsApp has not yet said all that it missed", async () => {
      const [person, other] = [to.someone(), to.someone()];
      for (const { phone } of [person, other]) idOf(await to.look(`number=${phone}`));
      await away(() => world.call("/disconnect", { method: "POST" }));
      person.setPicture({ id: "1800000012" });
      world.simulator.faults.withholdOffline();
      dataOf(await world.call("/connect", { method: "POST" }));
      world.simulator.received.reset();
      assert.equal(idOf(await to.look(`number=${person.phone}`)), "1800000012");
      dataOf(await to.lookUp([other.phone]));
      assert.equal(to.asked(), 2);
      assert.equal(await to.changed(() => world.simulator.faults.reset(), person.jid), 1);
      dataOf(await to.lookUp([other.phone]));
      assert.equal(to.asked(), 2);
    });
  });

  describe("goes with the account", () => {
    const another = "5511922222222";
    const newDevice = async () => {
      const id = await world.pairedDevice(another);
      const query = `number=${to.someone().phone}&device_id=${id}`;
      idOf(await to.look(query));
      assert.equal(rowsOf(id), 1);
      return { id, query };
    };
    const rowsOf = (id: string) => world.rows("select * from picture_answers where device_id = ?", id).length;
    before(() => {
      world.simulator.addAccount({ phone: another });
    });

    it("that is logged out", async () => {
      const { id } = await newDevice();
      dataOf(await world.call(`/logout?device_id=${id}`, { method: "POST" }));
      assert.equal(rowsOf(id), 0);
    });

    it("that is unlinked on the phone", async () => {
      const { id } = await newDevice();
      world.simulator.account(another).unlink();
      await world.untilState(id, "logged_out");
      dataOf(await world.call(`/status?device_id=${id}`));
      await world.restartServer();
      assert.equal(rowsOf(id), 0);
    });

    it("whose device is deleted", async () => {
      const { id } = await newDevice();
      dataOf(await world.call(`/devices/${id}`, { method: "DELETE" }));
      assert.equal(rowsOf(id), 0);
    });

    it("in whose place another one is linked, whatever a crash has left", async () => {
      const { id } = await newDevice();
      dataOf(await world.call(`/logout?device_id=${id}`, { method: "POST" }));
      const left = [id, `${nobody}@s.whatsapp.net`, "preview", "hidden", `${nobody}@s.whatsapp.net`];
      world.write(
        `insert into picture_answers (device_id, asked_jid, picture_size, outcome, jid, told_at)
         values (?, ?, ?, ?, ?, ?)`,
        ...left,
        new Date().toISOString(),
      );
      dataOf(await world.call(`/qr?device_id=${id}`));
      assert.equal(rowsOf(id), 0);
    });
  });
});

describe("What WhatsApp said of pictures, with turns that do not come", () => {
  it("is answered at once to who asks for many, and uses no turn up", async (t) => {
    const world = await worldWith({
      WUTS_PICTURE_ANSWERS_SECONDS: "3600",
      WUTS_PICTURE_PACE_PER_MINUTE: "1",
      WUTS_PICTURES_TIMEOUT_MS: "1000",
    });
    t.after(() => world.stop());
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

/** What sockets and WhatsApp have told of numbers and LIDs. */
function forgetWhoIsWho(world: World): void {
  for (const table of ["contacts", "registrations"]) world.write(`delete from ${table}`);
  world.write("delete from signal_keys where type = 'lid-mapping'");
}
