import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { rewrittenPatterns } from "./rewritten-patterns.ts";

describe("A rewritten pattern", () => {
  for (const { older, newer, characters } of rewrittenPatterns) {
    const [before, after] = [new RegExp(older, "u"), new RegExp(newer, "u")];

    it(`takes the characters that it took before: ${newer}`, () => {
      const characters = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
      const texts = characters.flatMap((each) => [each, `${each}a`, `a${each}`, ` ${each}`]);
      assert.deepEqual(
        texts.filter((text) => before.test(text) !== after.test(text)),
        [],
      );
    });

    it(`takes the texts that it took before: ${newer}`, () => {
      let taken = 0;
      const texts = fc.string({ unit: fc.constantFrom(...characters), maxLength: 24 });
      fc.assert(
        fc.property(texts, (text) => {
          if (before.test(text)) taken += 1;
          assert.equal(after.test(text), before.test(text));
        }),
        { numRuns: 20_000 },
      );
      assert.ok(taken > 100, `${taken} were taken`);
    });
  }
});
