import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { anyNode, node, usyncReply } from "../../../test-support/faults/stanzas.ts";
import { type BinaryNode, proto } from "../../../whatsapp/protocol/baileys.ts";
import { deviceJid, profileQuery, readProfile } from "./profile-stanza.ts";

const ana = "5511999999999";
const anaJid = `${ana}@s.whatsapp.net` as const;
const lid = "123456789@lid";
const byNumber = { number: ana };
const byLid = { jid: lid } as const;

const contact = node("contact", { type: "in" }, `+${ana}`);

function answer(...children: BinaryNode[]): BinaryNode {
  return usyncReply([node("user", { jid: anaJid }, [contact, ...children])]);
}

function found(reply: BinaryNode, target: typeof byNumber | typeof byLid = byNumber) {
  const read = readProfile(reply, target);
  assert.ok(read.outcome === "found", JSON.stringify(read));
  return read.profile;
}

const nothingReported = {
  person: { jid: anaJid, lid: null },
  about: null,
  aboutSetAt: null,
  pictureId: null,
  devices: [],
  verifiedName: null,
  isBusiness: false,
};

describe("profileQuery", () => {
  it("asks for everything at once, never in the mode that uploads address books", () => {
    const [usync] = childrenOf(profileQuery(byNumber, "1"));
    assert.partialDeepStrictEqual(usync?.attrs, { mode: "query", context: "interactive" });
    assert.deepEqual(childrenOf(usync), [
      node("query", {}, [
        node("contact"),
        node("lid"),
        node("status"),
        node("picture"),
        node("devices", { version: "2" }),
        node("business", {}, [node("verified_name")]),
      ]),
      node("list", {}, [node("user", {}, [node("contact", {}, `+${ana}`)])]),
    ]);
  });

  it("asks for a LID by its JID", () => {
    const [usync] = childrenOf(profileQuery(byLid, "1"));
    assert.deepEqual(childrenOf(usync)[1], node("list", {}, [node("user", { jid: lid })]));
  });
});

describe("readProfile", () => {
  it("reads everything that is told", () => {
    const details = proto.VerifiedNameCertificate.Details.encode({ verifiedName: "Padaria" }).finish();
    const certificate = proto.VerifiedNameCertificate.encode({ details }).finish();
    const reply = answer(
      node("lid", { val: lid }),
      node("status", { t: "1780306200" }, Buffer.from("No trabalho 🥖")),
      node("picture", { id: "17" }),
      node("devices", {}, [
        node("device-list", {}, [
          node("device", { id: "0" }),
          node("device", { id: "3", "key-index": "1" }),
          node("device", { id: "99", is_hosted: "true" }),
        ]),
      ]),
      node("business", {}, [node("verified_name", { v: "1" }, certificate)]),
    );
    assert.deepEqual(found(reply), {
      person: { jid: anaJid, lid },
      about: "No trabalho 🥖",
      aboutSetAt: new Date("2026-06-01T09:30:00.000Z"),
      pictureId: "17",
      devices: [
        { id: 0, isHosted: false },
        { id: 3, isHosted: false },
        { id: 99, isHosted: true },
      ],
      verifiedName: "Padaria",
      isBusiness: true,
    });
  });

  it("takes what is hidden or missing for nothing", () => {
    assert.deepEqual(found(answer()), nothingReported);
    const refused = (tag: string, code: string) => node(tag, {}, [node("error", { code })]);
    const hidden = [node("status", { code: "401" }), refused("picture", "401"), refused("devices", "404")];
    assert.deepEqual(found(answer(...hidden)), nothingReported);
    const reply = usyncReply([node("user", { jid: anaJid }, [contact])], [refused("status", "403")]);
    assert.deepEqual(found(reply), nothingReported);
  });

  it("takes nonsense for nothing, and cuts what is too long", () => {
    const long = "🥖".repeat(10_000);
    assert.deepEqual(found(answer(node("status", { t: "x" }, long))).about, "🥖".repeat(512));
    assert.equal(found(answer(node("status", {}, "x".repeat(10_000)))).about?.length, 512);
    assert.equal(found(answer(node("status", {}, Buffer.from("  \n")))).about, null);
    assert.equal(found(answer(node("picture", { id: "../x" }))).pictureId, null);
    for (const t of ["", "0", "-1", "1e9", "99999999999999"])
      assert.equal(found(answer(node("status", { t }))).aboutSetAt, null);
    const devices = Array.from({ length: 5_000 }, (_, id) => node("device", { id: `${id}` }));
    const list = [node("device", { id: "x" }), node("device"), ...devices];
    assert.equal(found(answer(node("devices", {}, [node("device-list", {}, list)]))).devices.length, 100);
  });

  it("knows a business by its certificate, even one that cannot be read", () => {
    for (const certificate of [undefined, "text", Buffer.from([1, 2, 3]), Buffer.alloc(20_000)])
      assert.partialDeepStrictEqual(
        found(answer(node("business", {}, [node("verified_name", {}, certificate)]))),
        { isBusiness: true, verifiedName: null },
      );
    assert.equal(found(answer(node("business"))).isBusiness, false);
  });

  it("says who is not registered", () => {
    const out = node("contact", { type: "out" }, `+${ana}`);
    for (const reply of [usyncReply([node("user", { jid: anaJid }, [out])]), usyncReply([])])
      assert.deepEqual(readProfile(reply, byNumber), { outcome: "not-registered" });
    assert.deepEqual(readProfile(usyncReply([node("user", { jid: lid })]), byLid), {
      outcome: "not-registered",
    });
  });

  it("reads a LID, with the number where the answer has it", () => {
    const devices = node("devices", {}, [node("device-list", {}, [node("device", { id: "0" })])]);
    assert.deepEqual(found(usyncReply([node("user", { jid: lid }, [devices])]), byLid).person, {
      jid: null,
      lid,
    });
    const children = [devices, node("lid", { val: lid })];
    assert.deepEqual(found(usyncReply([node("user", { jid: anaJid }, children)]), byLid).person, {
      jid: anaJid,
      lid,
    });
  });

  it("says when WhatsApp refuses", () => {
    const limited = node("picture", {}, [node("error", { code: "429" })]);
    const user = node("user", { jid: anaJid }, [contact]);
    for (const reply of [answer(limited), usyncReply([user], [limited])])
      assert.deepEqual(readProfile(reply, byNumber), { outcome: "refused", code: 429 });
  });

  for (const [what, reply, target] of [
    ["nothing", node("iq"), byNumber],
    ["several accounts", usyncReply([node("user"), node("user")]), byNumber],
    ["a user without a JID", usyncReply([node("user", {}, [contact])]), byNumber],
    ["another LID", usyncReply([node("user", { jid: "987654321@lid" }, [contact])]), byLid],
    ["a number of no LID", usyncReply([node("user", { jid: anaJid }, [contact])]), byLid],
  ] as const) {
    it(`does not understand ${what}`, () => {
      assert.equal(readProfile(reply, target).outcome, "not-understood");
    });
  }

  it("never throws, and what it finds has bounds", () => {
    const tags = ["contact", "lid", "status", "picture", "devices", "device-list", "device", "business"];
    const children = anyNode([...tags, "verified_name", "error"], {
      id: fc.string(),
      t: fc.string(),
      code: fc.constantFrom("401", "429", "x"),
      val: fc.constantFrom(lid, "x"),
      type: fc.constantFrom("in", "out", "x"),
    });
    fc.assert(
      fc.property(fc.array(children, { maxLength: 8 }), fc.boolean(), (some, isLid) => {
        const jid = isLid ? lid : anaJid;
        const read = readProfile(usyncReply([node("user", { jid }, some)]), isLid ? byLid : byNumber);
        // A date out of bounds cannot be formatted.
        assert.doesNotThrow(() => read.outcome === "found" && read.profile.aboutSetAt?.toISOString());
      }),
    );
  });
});

describe("deviceJid", () => {
  it("names devices of numbers and LIDs, hosted ones too", () => {
    assert.equal(deviceJid(anaJid, { id: 0, isHosted: false }), anaJid);
    assert.equal(deviceJid(anaJid, { id: 3, isHosted: false }), `${ana}:3@s.whatsapp.net`);
    assert.equal(deviceJid(lid, { id: 3, isHosted: false }), "123456789:3@lid");
    assert.equal(deviceJid(anaJid, { id: 99, isHosted: true }), `${ana}:99@hosted`);
    assert.equal(deviceJid(lid, { id: 99, isHosted: true }), "123456789:99@hosted.lid");
  });
});

function childrenOf(parent: BinaryNode | undefined): BinaryNode[] {
  return Array.isArray(parent?.content) ? parent.content : [];
}
