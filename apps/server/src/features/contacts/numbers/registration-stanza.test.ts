import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { anyNode, node, usyncReply } from "../../../test-support/faults/stanzas.ts";
import type { BinaryNode } from "../../../whatsapp/protocol/baileys.ts";
import {
  type Registered,
  readRegistrations,
  registrationQuery,
  registrationsQuery,
} from "./registration-stanza.ts";

const [ana, bia, withNinth, without] = ["5511999999999", "5511888888888", "5511933333333", "551133333333"];
const jidOf = (phone: string) => `${phone}@s.whatsapp.net` as const;

/** @param asked the content of `<contact>`; empty when it is missing */
function user(phone: string, type: string, asked?: string, ...more: BinaryNode[]): BinaryNode {
  const content = asked === undefined ? undefined : Buffer.from(asked);
  return node("user", { jid: jidOf(phone) }, [node("contact", { type }, content), ...more]);
}

const reported = (
  registered: readonly (readonly [string, Registered])[] = [],
  unregisteredNumbers: readonly string[] = [],
  refused: readonly (readonly [string, number])[] = [],
) => ({
  outcome: "told" as const,
  registered: new Map(registered),
  unregisteredNumbers: new Set(unregisteredNumbers),
  refused: new Map(refused),
});
const as = (phone: string, lid: Registered["lid"] = null): Registered => ({ jid: jidOf(phone), lid });

describe("registrationQuery", () => {
  it("asks for one number, with a plus, and for nothing else", () => {
    assert.deepEqual(registrationQuery(ana, "1"), {
      tag: "iq",
      attrs: { to: "@s.whatsapp.net", type: "get", xmlns: "usync" },
      content: [
        {
          tag: "usync",
          attrs: { sid: "1", mode: "query", context: "interactive", index: "0", last: "true" },
          content: [
            node("query", {}, [node("contact")]),
            node("list", {}, [node("user", {}, [node("contact", {}, `+${ana}`)])]),
          ],
        },
      ],
    });
  });
});

describe("registrationsQuery", () => {
  it("asks for many numbers and their LIDs", () => {
    const [usync] = listOf(registrationsQuery([ana, bia], "1"));
    assert.deepEqual(listOf(usync), [
      node("query", {}, [node("contact"), node("lid")]),
      node(
        "list",
        {},
        [ana, bia].map((number) => node("user", {}, [node("contact", {}, `+${number}`)])),
      ),
    ]);
  });
});

describe("readRegistrations", () => {
  it("finds each number by what its contact repeats, in whatever order", () => {
    const lid = node("lid", { val: "123456789@lid" });
    const users = [
      user(without, "in", `+${withNinth}`),
      user(bia, "out", `${bia}@c.us`),
      user(ana, "in", ana, lid),
    ];
    assert.deepEqual(
      readRegistrations(usyncReply(users), [ana, bia, withNinth]),
      reported(
        [
          [withNinth, as(without)],
          [ana, as(ana, "123456789@lid")],
        ],
        [bia],
      ),
    );
  });

  it("finds them by JID, then by their place, when nothing is repeated", () => {
    assert.deepEqual(
      readRegistrations(usyncReply([user(bia, "in"), user(without, "in"), user(ana, "out")]), [
        ana,
        withNinth,
        bia,
      ]),
      reported(
        [
          [bia, as(bia)],
          [withNinth, as(without)],
        ],
        [ana],
      ),
    );
  });

  it("tells both forms of a number apart", () => {
    for (const [first, second] of [
      [without, withNinth],
      [withNinth, without],
    ] as const) {
      const users = [user(without, "in"), user(without, "in")];
      const { outcome, registered } = {
        registered: undefined,
        ...readRegistrations(usyncReply(users), [first, second]),
      };
      assert.equal(outcome, "told");
      assert.deepEqual(registered?.get(first), as(without));
      assert.deepEqual(registered?.get(second), as(without));
    }
  });

  it("takes invalid numbers, and those that nothing is said of, for not registered", () => {
    assert.deepEqual(
      readRegistrations(usyncReply([user(ana, "invalid", ana)]), [ana, bia]),
      reported([], [ana]),
    );
    assert.deepEqual(readRegistrations(usyncReply([]), [ana]), reported());
  });

  it("takes a LID for the JID with the number beside it, or the one that was asked for", () => {
    const contact = node("contact", { type: "in" }, `+${withNinth}`);
    const lid = "123456789@lid";
    for (const [attrs, jid] of [
      [{ pn_jid: jidOf(without) }, jidOf(without)],
      [{ pn_jid: "x" }, jidOf(withNinth)],
      [{}, jidOf(withNinth)],
    ] as const)
      assert.deepEqual(
        readRegistrations(usyncReply([node("user", { jid: lid, ...attrs }, [contact])]), [withNinth]),
        reported([[withNinth, { jid, lid }]]),
      );
  });

  it("does not take a number for a LID", () => {
    const lid = node("lid", { val: jidOf(bia) });
    assert.deepEqual(
      readRegistrations(usyncReply([user(ana, "in", ana, lid)]), [ana]),
      reported([[ana, as(ana)]]),
    );
  });

  it("reads refusals of the protocol, and of one number", () => {
    const error = (tag: string) => node(tag, {}, [node("error", { code: "429" })]);
    assert.deepEqual(readRegistrations(usyncReply([], [error("contact")]), [ana]), {
      outcome: "refused",
      code: 429,
    });
    assert.deepEqual(
      readRegistrations(usyncReply([node("user", { jid: jidOf(ana) }, [error("contact")])]), [ana]),
      { outcome: "refused", code: 429 },
    );
    const refused = node("user", { jid: jidOf(ana) }, [error("contact")]);
    assert.deepEqual(
      readRegistrations(usyncReply([refused, user(bia, "in"), user(without, "out")]), [ana, bia, without]),
      reported([[bia, as(bia)]], [without], [[ana, 429]]),
    );
    assert.deepEqual(readRegistrations(usyncReply([], [error("lid")]), [ana]), reported());
  });

  for (const [what, reply] of [
    ["nothing", node("iq")],
    ["no list", node("iq", {}, [node("usync")])],
    ["a number that was not asked for", usyncReply([user(bia, "in", bia)])],
    ["a number twice", usyncReply([user(ana, "in", ana), user(ana, "in", ana)])],
    ["more users than numbers", usyncReply([user(bia, "in"), user(without, "in")])],
    ["no word on whether it is registered", usyncReply([user(ana, "maybe", ana)])],
    [
      "a group",
      usyncReply([node("user", { jid: "120363039000000000@g.us" }, [node("contact", { type: "in" })])]),
    ],
  ] as const) {
    it(`does not understand ${what}`, () => {
      assert.equal(readRegistrations(reply, [ana]).outcome, "not-understood");
    });
  }

  it("never throws, and never names a number that was not asked for", () => {
    const replies = anyNode(["usync", "list", "result", "user", "contact", "lid", "error"], {
      jid: fc.constantFrom(jidOf(ana), jidOf(bia), "1@lid", "x", ""),
      type: fc.constantFrom("in", "out", "invalid", "x"),
      code: fc.constantFrom("429", "x"),
      val: fc.constantFrom("123456789@lid", jidOf(bia), ""),
    });
    const inside = fc.array(replies, { maxLength: 4 });
    fc.assert(
      fc.property(inside, inside, (users, result) => {
        const read = readRegistrations(usyncReply(users, result), [ana, withNinth]);
        const reported = read.outcome === "told" ? [...read.registered.keys()] : [];
        assert.deepEqual(
          reported.filter((number) => ![ana, withNinth].includes(number)),
          [],
        );
      }),
    );
  });
});

function listOf(parent: BinaryNode | undefined): BinaryNode[] {
  return Array.isArray(parent?.content) ? parent.content : [];
}
