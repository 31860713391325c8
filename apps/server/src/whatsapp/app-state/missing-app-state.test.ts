import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { anyNode, node } from "../../test-support/faults/stanzas.ts";
import { emptyCollectionsIn } from "./missing-app-state.ts";

const answer = (...collections: ReturnType<typeof node>[]) =>
  node("iq", { type: "result" }, [node("sync", {}, collections)]);

describe("emptyCollectionsIn", () => {
  it("reads what an account has nothing of", () => {
    const empty = node("collection", { name: "regular", version: "0", type: "regular" });
    const withoutVersion = node("collection", { name: "regular_low" }, [node("patches")]);
    assert.deepEqual(emptyCollectionsIn(answer(empty, withoutVersion)), ["regular", "regular_low"]);
  });

  for (const [what, collection] of [
    ["has a version", node("collection", { name: "regular", version: "7" })],
    ["has patches", node("collection", { name: "regular" }, [node("patches", {}, [node("patch")])])],
    ["has a patch", node("collection", { name: "regular" }, [node("patch")])],
    ["has a snapshot", node("collection", { name: "regular" }, [node("snapshot")])],
    ["has more", node("collection", { name: "regular", has_more_patches: "true" })],
    ["is refused", node("collection", { name: "regular", type: "error" })],
    ["has an error", node("collection", { name: "regular" }, [node("error", { code: "404" })])],
    ["is none that is known", node("collection", { name: "irregular", version: "0" })],
    ["has no name", node("collection", { version: "0" })],
  ] as const)
    it(`leaves out what ${what}`, () => assert.deepEqual(emptyCollectionsIn(answer(collection)), []));

  it("reads nothing in what is no answer", () => {
    const sync = [node("sync", {}, [node("collection", { name: "regular", version: "0" })])];
    assert.deepEqual(emptyCollectionsIn(node("iq", { type: "set" }, sync)), []);
    assert.deepEqual(emptyCollectionsIn(node("message", { type: "result" }, sync)), []);
  });

  it("never throws", () => {
    const stanza = anyNode(["iq", "sync", "collection", "patches", "patch"], {
      name: fc.constantFrom("regular", "x"),
      type: fc.constantFrom("result", "error"),
      version: fc.string(),
    });
    fc.assert(fc.property(stanza, (any) => assert.ok(emptyCollectionsIn(any).length <= 5)));
  });
});
