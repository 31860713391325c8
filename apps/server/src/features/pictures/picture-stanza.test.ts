import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import type { BinaryNode } from "../../whatsapp/protocol/baileys.ts";
import type { Jid } from "../../whatsapp/protocol/jid.ts";
import {
  communityPictureQuery,
  type PictureQuery,
  pictureQuery,
  readPictureError,
  readPictureReply,
} from "./picture-stanza.ts";

const target: Jid = "5511999999999@s.whatsapp.net";
const group: Jid = "120363040000000000@g.us";
const asked: PictureQuery = { target, size: "image" };
const known: PictureQuery = { ...asked, knownId: "17" };
const url = "https://pps.whatsapp.net/v/t61/a.jpg?oe=6A314420&oh=x";

function reply(attrs?: Record<string, string>, content?: BinaryNode[]): BinaryNode {
  const picture = attrs && { tag: "picture", attrs, ...(content && { content }) };
  return { tag: "iq", attrs: { type: "result" }, ...(picture && { content: [picture] }) };
}

describe("pictureQuery", () => {
  it("asks for one size of one target's picture", () => {
    assert.deepEqual(pictureQuery(asked), {
      tag: "iq",
      attrs: { to: "@s.whatsapp.net", type: "get", xmlns: "w:profile:picture", target },
      content: [{ tag: "picture", attrs: { query: "url", type: "image" } }],
    });
  });

  it("names the known id, and carries the token with its time inside", () => {
    const token = Buffer.from("token");
    const query = pictureQuery({
      ...known,
      size: "preview",
      privacyToken: { token, timestamp: "1700000000" },
    });
    assert.deepEqual(query.content, [
      {
        tag: "picture",
        attrs: { query: "url", type: "preview", id: "17" },
        content: [{ tag: "tctoken", attrs: { t: "1700000000" }, content: token }],
      },
    ]);
  });
});

describe("communityPictureQuery", () => {
  it("asks the community itself", () => {
    assert.deepEqual(communityPictureQuery({ ...known, target: group }), {
      tag: "iq",
      attrs: { to: group, type: "get", xmlns: "w:g2" },
      content: [
        {
          tag: "pictures",
          attrs: {},
          content: [
            { tag: "picture", attrs: { query: "url", type: "image", parent_group_jid: group, id: "17" } },
          ],
        },
      ],
    });
  });
});

describe("readPictureReply", () => {
  it("finds a picture, and reads until when its URL works", () => {
    assert.deepEqual(
      readPictureReply(reply({ id: "18", url, type: "image", direct_path: "/v/a.jpg" }), asked),
      {
        outcome: "found",
        picture: {
          id: "18",
          size: "image",
          url,
          directPath: "/v/a.jpg",
          expiresAt: new Date("2026-06-16T12:40:00.000Z"),
        },
      },
    );
  });

  it("takes path and query of the URL when there is no direct path", () => {
    for (const attrs of [{}, { direct_path: "https://evil.example/" }]) {
      const read = readPictureReply(reply({ id: "18", url, ...attrs }), asked);
      assert.partialDeepStrictEqual(read, { picture: { directPath: "/v/t61/a.jpg?oe=6A314420&oh=x" } });
    }
  });

  it("knows no end of a URL that does not tell one", () => {
    for (const oe of ["", "?oe=", "?oe=xyz", "?oe=12345678901"]) {
      const read = readPictureReply(reply({ id: "18", url: `https://pps.whatsapp.net/a${oe}` }), asked);
      assert.ok(read.outcome === "found" && read.picture.expiresAt === undefined, oe);
    }
  });

  it("reads the same inside <pictures>, as communities answer", () => {
    const wrapped = { tag: "pictures", attrs: {}, content: [{ tag: "picture", attrs: { id: "18", url } }] };
    assert.equal(readPictureReply({ tag: "iq", attrs: {}, content: [wrapped] }, asked).outcome, "found");
  });

  const error = (code: string): BinaryNode[] => [{ tag: "error", attrs: { code } }];
  for (const [what, node, outcome, outcomeWhenKnown] of [
    ["no picture", reply(), "not-set", "unchanged"],
    ["an empty picture", reply({}), "not-set", "unchanged"],
    ["the known id alone", reply({ id: "17" }), "not-understood", "unchanged"],
    ["another id alone", reply({ id: "18" }), "not-understood", "not-understood"],
    ["status 304", reply({ status: "304" }), "unchanged", "unchanged"],
    ["status 204", reply({ status: "204" }), "not-set", "not-set"],
    ["another status", reply({ status: "500" }), "not-understood", "not-understood"],
    ["error 401 inside", reply({}, error("401")), "hidden", "hidden"],
    ["error 404 inside", reply({}, error("404")), "not-set", "not-set"],
    ["error 429 inside", reply({}, error("429")), "rate-limited", "rate-limited"],
    ["an error without code", reply({}, error("")), "not-understood", "not-understood"],
    ["no id", reply({ url }), "not-understood", "not-understood"],
    ["an empty id", reply({ url, id: "" }), "not-understood", "not-understood"],
    ["a type that is none", reply({ url, id: "1", type: "huge" }), "not-understood", "not-understood"],
    ["a URL that is none", reply({ url: "nonsense", id: "1" }), "not-understood", "not-understood"],
    ["a URL of no web server", reply({ url: "data:,x", id: "1" }), "not-understood", "not-understood"],
  ] as const) {
    it(`reads ${what} as ${outcome}, and as ${outcomeWhenKnown} when an id was sent`, () => {
      assert.equal(readPictureReply(node, asked).outcome, outcome);
      assert.equal(readPictureReply(node, known).outcome, outcomeWhenKnown);
    });
  }

  it("comes to a documented outcome whatever WhatsApp sends", () => {
    const text = fc.oneof(
      fc.constantFrom("17", url, "304", "204", "image", "preview", "401", "https://", "?oe=zz", ""),
      fc.string(),
    );
    const attrs = fc.dictionary(
      fc.constantFrom("id", "url", "type", "status", "direct_path", "code", "hash"),
      text,
    );
    const tag = fc.constantFrom("picture", "pictures", "error", "iq", "other");
    const { node } = fc.letrec<{ node: BinaryNode }>((tie) => ({
      node: fc
        .record({
          tag,
          attrs,
          content: fc.oneof(
            { depthSize: "medium" },
            fc.constant(undefined),
            text,
            fc.uint8Array({ maxLength: 4 }),
            fc.array(tie("node"), { maxLength: 3 }),
          ),
        })
        .map(({ content, ...rest }) => (content === undefined ? rest : { ...rest, content })),
    }));
    const outcomes = ["found", "unchanged", "not-set", "hidden", "rate-limited", "not-understood"];
    fc.assert(
      fc.property(node, fc.constantFrom(asked, known), (sent, query) => {
        const read = readPictureReply(sent, query);
        assert.ok(outcomes.includes(read.outcome));
        if (read.outcome !== "found") return;
        assert.ok(read.picture.id !== "" && URL.canParse(read.picture.url));
        assert.match(read.picture.directPath, /^\//);
        const { expiresAt } = read.picture;
        assert.ok(expiresAt === undefined || !Number.isNaN(expiresAt.getTime()));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("readPictureError", () => {
  it("comes to an outcome for every code", () => {
    for (const [code, outcome] of [
      [401, "hidden"],
      [403, "hidden"],
      [404, "not-set"],
      [429, "rate-limited"],
      [400, "not-understood"],
      [500, "not-understood"],
      [Number.NaN, "not-understood"],
    ] as const) {
      assert.equal(readPictureError(code).outcome, outcome);
    }
  });
});
