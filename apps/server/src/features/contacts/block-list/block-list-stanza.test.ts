import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { anyNode, node } from "../../../test-support/faults/stanzas.ts";
import { blockChange, blockListQuery, readBlockList } from "./block-list-stanza.ts";

const jid = "5511999999999@s.whatsapp.net";
const lid = "123456789@lid";

const change = (attrs: Record<string, string>) =>
  node("iq", { to: "@s.whatsapp.net", type: "set", xmlns: "blocklist" }, [node("item", attrs)]);

describe("blockListQuery", () => {
  it("asks for the whole list", () => {
    assert.deepEqual(
      blockListQuery(),
      node("iq", { to: "@s.whatsapp.net", type: "get", xmlns: "blocklist" }),
    );
  });
});

describe("blockChange", () => {
  it("blocks by LID and number", () => {
    assert.deepEqual(blockChange("block", { jid, lid }), change({ action: "block", jid: lid, pn_jid: jid }));
  });

  it("unblocks by LID alone", () => {
    assert.deepEqual(blockChange("unblock", { jid, lid }), change({ action: "unblock", jid: lid }));
  });

  it("says what is known of who has no LID, or no number", () => {
    assert.deepEqual(blockChange("block", { jid, lid: null }), change({ action: "block", jid }));
    assert.deepEqual(
      blockChange("block", { jid: null, lid }),
      change({ action: "block", jid: lid, unknown_identifier: "true" }),
    );
    assert.deepEqual(blockChange("unblock", { jid: null, lid }), change({ action: "unblock", jid: lid }));
  });
});

describe("readBlockList", () => {
  it("reads contacts by LID and by number, and leaves out what names no contact", () => {
    const items = [
      { jid: lid, pn_jid: jid },
      { jid },
      { jid: lid },
      { jid: lid, pn_jid: lid },
      { jid: "x" },
      {},
    ];
    const reply = node("iq", {}, [
      node("list", {}, [...items.map((attrs) => node("item", attrs)), node("x", { jid })]),
    ]);
    assert.deepEqual(readBlockList(reply), [
      { jid, lid },
      { jid, lid: null },
      { jid: null, lid },
      { jid: null, lid },
    ]);
  });

  it("tells an empty list from none", () => {
    assert.deepEqual(readBlockList(node("iq", {}, [node("list")])), []);
    assert.equal(readBlockList(node("iq")), undefined);
  });

  it("never throws", () => {
    const attrs = { jid: fc.constantFrom(jid, lid, "x", "120363039000000000@g.us"), pn_jid: fc.string() };
    fc.assert(
      fc.property(fc.array(anyNode(["list", "item"], attrs)), (children) => {
        for (const person of readBlockList(node("iq", {}, children)) ?? [])
          assert.ok(person.jid !== null || person.lid !== null);
      }),
    );
  });
});
