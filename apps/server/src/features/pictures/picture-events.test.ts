import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import fc from "fast-check";
import { describe, it } from "vitest";
import { anyNode, node } from "../../test-support/faults/stanzas.ts";
import { pictureChangesIn, subscribeToPictureChanges } from "./picture-events.ts";

const ana = "5511999999999@s.whatsapp.net";
const lid = "112233445566778@lid";
const group = "120363039000000000@g.us";

describe("changedPictures", () => {
  for (const [what, from, changes, whose] of [
    ["one that was set", ana, [node("set", { jid: ana, id: "1", hash: "x" })], [ana]],
    ["one that was removed", ana, [node("delete", { jid: ana })], [ana]],
    ["a person by LID", lid, [node("set", { jid: lid, id: "1" })], [lid]],
    ["a group", group, [node("set", { jid: group, id: "1", author: ana })], [group]],
    ["several", "s.whatsapp.net", [node("set", { jid: ana }), node("delete", { jid: lid })], [ana, lid]],
    [
      "one that names no contact, by the sender",
      `${ana.replace("@", ":3@")}`,
      [node("set", { id: "1" })],
      [ana],
    ],
    ["a hash alone, from any sender", ana, [node("set", { hash: "x" })], [undefined]],
    ["a JID that is none", ana, [node("set", { jid: "ana" })], [undefined]],
    ["nothing", ana, [], [undefined]],
  ] as const)
    it(`reads ${what}`, () => {
      const stanza = node("notification", { from, type: "picture" }, [...changes]);
      assert.deepEqual(pictureChangesIn(stanza), whose);
    });

  it("reads whatever comes, and always says that something has changed", () => {
    const words = { jid: fc.constantFrom(ana, lid, "x"), hash: fc.string(), from: fc.constantFrom(ana, "x") };
    fc.assert(
      fc.property(anyNode(["set", "delete", "picture"], words), (stanza) => {
        assert.ok(pictureChangesIn(stanza).length > 0);
      }),
    );
  });
});

describe("subscribeToPictureChanges", () => {
  it("tells of the account's own picture, too, which its phone has changed", () => {
    const ws = new EventEmitter();
    const reported: unknown[] = [];
    subscribeToPictureChanges(
      { onStanza: (pattern, listener) => ws.on(pattern, listener) },
      async (whose) => {
        reported.push(whose);
      },
    );
    const tell = (type: string, ...children: readonly string[]) => {
      const stanza = node(
        "notification",
        { from: ana, type },
        children.map((tag) => node(tag)),
      );
      ws.emit(`notification,type:${type}`, stanza);
    };
    tell("account_sync", "devices");
    tell("status", "set");
    assert.deepEqual(reported, []);
    tell("account_sync", "devices", "picture");
    tell("picture", "set", "delete");
    assert.deepEqual(reported, [ana, ana, ana]);
  });
});
