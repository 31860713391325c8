import assert from "node:assert/strict";
import sharp from "sharp";
import { beforeAll, describe, it } from "vitest";
import { assertRefused, at, dataOf } from "../../test-support/call.ts";
import { nextEvent } from "../../test-support/until.ts";
import type { World } from "../../test-support/world.ts";
import {
  forgetWhoIsWho,
  group,
  idOf,
  noCache,
  owner,
  pictures,
  shareWorldOfAnswers,
  type Users,
  withNinth,
  withoutNinth,
} from "../../test-support/worlds/cached-pictures.ts";

describe("What WhatsApp said of pictures, and WhatsApp's notifications of changes", () => {
  let world: World;
  let to: Users;
  shareWorldOfAnswers((shared) => {
    ({ world, to } = shared);
  });

  describe("is forgotten before WhatsApp's notification is acknowledged:", () => {
    for (const [what, picture] of [
      ["a contact sets a picture", { id: "1800000002" }],
      ["a contact removes their picture", null],
    ] as const)
      it(`${what}; in both sizes, by number and LID, and of no other contact`, async () => {
        const [person, other] = [to.someone(), to.someone()];
        const queries = [`number=${person.phone}`, `number=${person.phone}&preview=0`, `jid=${person.lid}`];
        for (const query of [...queries, `number=${other.phone}`]) idOf(await to.look(query));
        assert.equal(await to.changed(() => person.setPicture(picture), person.jid), 1);
        assert.deepEqual(await to.remembered(), [other.jid]);
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
      world.simulator.faults.namePictureNotifications("lid");
      assert.equal(await to.changed(() => person.setPicture({ id: "1800000003" }), person.lid), 2);
      assert.deepEqual(await to.remembered(person.jid, person.lid), []);
    });

    it("the one under which a number answered", async () => {
      const { jid } = world.simulator.account(withoutNinth);
      world.simulator.account(owner).saveContact({ phone: withoutNinth, fullName: "Without ninth" });
      idOf(await to.look(`number=${withNinth}`));
      await world.write("delete from registrations");
      const change = () => world.simulator.account(withoutNinth).setPicture({ id: "1800000004" });
      assert.equal(await to.changed(change, jid), 0);
    });

    it("of all by number, when it is not known whose LID it is", async () => {
      const [person, other] = [to.someone(), to.someone()];
      for (const { phone, lid } of [person, other])
        for (const query of [`number=${phone}`, `jid=${lid}`]) idOf(await to.look(query));
      idOf(await to.look(`jid=${group}`));
      await forgetWhoIsWho(world);
      world.simulator.faults.namePictureNotifications("lid");
      await to.changed(() => person.setPicture({ id: "1800000005" }), person.lid);
      assert.deepEqual(await to.remembered(), [group, other.lid].sort());
    });

    it("of all by LID, when it is not known which is a number's", async () => {
      const [person, other] = [to.someone(), to.someone()];
      for (const { phone, lid } of [person, other])
        for (const query of [`number=${phone}`, `jid=${lid}`]) idOf(await to.look(query));
      await forgetWhoIsWho(world);
      await to.changed(() => person.setPicture({ id: "1800000006" }), person.jid);
      assert.deepEqual(await to.remembered(), [other.jid]);
    });

    it("of all, when WhatsApp does not say whose picture it is", async () => {
      const [person, other] = [to.someone(), to.someone()];
      for (const query of [`number=${other.phone}`, `jid=${other.lid}`, `jid=${group}`])
        idOf(await to.look(query));
      world.simulator.faults.namePictureNotifications("hash");
      assert.equal(await to.changed(() => person.setPicture(null), "@s.whatsapp.net"), 0);
    });

    it("of a group", async () => {
      const { phone, jid } = to.someone();
      for (const query of [`jid=${group}`, `jid=${group}&preview=0`, `number=${phone}`])
        idOf(await to.look(query));
      await to.changed(() => world.simulator.group(group).setPicture({ id: "1800000007" }), group);
      assert.deepEqual(await to.remembered(), [jid]);
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
    beforeAll(async () => {
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
        assert.deepEqual(await to.remembered(...mine), mine);
        for (const [method, body] of [
          ["POST", { image }],
          ["DELETE", undefined],
        ] as const) {
          let left: Promise<readonly string[]> | undefined;
          const arrived = nextEvent(world.simulator.events, "stanza", ({ stanza: { attrs } }) => {
            const isIt = attrs.xmlns === "w:profile:picture" && attrs.type === "set";
            if (isIt) left = to.remembered(...mine);
            return isIt;
          });
          const undo = world.simulator.faults.latency(300, "iq w:profile:picture set");
          const changing = world.call(path, { method, body });
          await arrived;
          assert.deepEqual(await left, []);
          // A query during the change may return the state from before it.
          await to.look(query);
          assert.deepEqual((await to.remembered(...mine)).length, 1);
          const changed = dataOf(await changing);
          undo();
          assert.deepEqual(await to.remembered(...mine), []);
          const answer = await to.look(query);
          if (body) assert.equal(idOf(answer), at(changed, "picture_id"));
          else assertRefused(answer, 404, "PICTURE_NOT_SET");
        }
        assert.deepEqual(await to.remembered(jid), [jid]);
      });
  });

  describe("is not remembered when it was asked for before WhatsApp's notification and comes after it", () => {
    const arrival = () =>
      nextEvent(
        world.simulator.events,
        "stanza",
        ({ stanza: { attrs } }) => attrs.xmlns === "w:profile:picture",
      );

    it("nor is it shared with a caller who asks after it", async () => {
      const person = to.someone();
      const { phone, jid } = person;
      const url = String(at(dataOf(await to.look(`number=${phone}`)), "url"));
      await world.write("delete from picture_answers");
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
      assert.deepEqual(await to.remembered(), [jid]);
      await world.write("delete from picture_answers");
      assert.equal(idOf(await early), `1${phone}`);
      assert.deepEqual(await to.remembered(), []);
      undoOld();
      assert.equal(idOf(await to.look(`number=${phone}`)), "1800000008");
    });
  });
});
