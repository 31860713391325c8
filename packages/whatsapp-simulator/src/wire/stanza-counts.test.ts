import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { StanzaCounts } from "./stanza-counts.ts";

const iq = (xmlns: string, child: string) => ({
  tag: "iq",
  attrs: { xmlns, type: "get", id: "1" },
  content: [{ tag: child, attrs: {} }],
});

describe("StanzaCounts", () => {
  it("counts by kind, and by what is inside", () => {
    const counts = new StanzaCounts();
    counts.add(iq("encrypt", "count"));
    counts.add(iq("encrypt", "digest"));
    counts.add({ tag: "presence", attrs: { type: "available" } });
    assert.deepEqual(counts.entries(), {
      "iq encrypt get": 2,
      "iq encrypt get/count": 1,
      "iq encrypt get/digest": 1,
      "presence available": 1,
    });
    assert.equal(counts.total, 3);
    assert.equal(counts.get("iq usync get"), 0);
    counts.reset();
    assert.deepEqual([counts.total, counts.entries()], [0, {}]);
  });

  it("keeps a bounded number of kinds, whatever clients send", () => {
    const counts = new StanzaCounts();
    for (let i = 0; i < 3_000; i++) counts.add(iq(`x${i}`, "y"));
    assert.ok(Object.keys(counts.entries()).length <= 1_001);
    assert.equal(counts.total, 3_000);
    assert.ok(counts.get("other") > 0);
  });

  it("counts whatever node decodes", () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.string()), (tag, attrs) => {
        const counts = new StanzaCounts();
        counts.add({ tag, attrs });
        assert.equal(counts.total, 1);
      }),
    );
  });
});
