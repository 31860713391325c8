import assert from "node:assert/strict";
import { describe, it } from "vitest";
import { lazily } from "./lazy.ts";

interface Parts {
  readonly one: { readonly other: object };
  readonly two: object;
  readonly three: object;
}

describe("What is made lazily", () => {
  it("is made when it is first read, once, and nothing else with it", () => {
    const made: string[] = [];
    const parts: Parts = lazily<Parts>({
      one: () => {
        made.push("one");
        return { other: parts.two };
      },
      two: () => {
        made.push("two");
        return {};
      },
      three: () => assert.fail("is never read"),
    });
    assert.deepEqual(made, []);
    assert.equal(parts.one, parts.one);
    assert.equal(parts.one.other, parts.two);
    assert.deepEqual(made, ["one", "two"]);
  });
});
