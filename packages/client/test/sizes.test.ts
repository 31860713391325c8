import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "vitest";
import { quotedSizes, withSizes } from "../scripts/readme/write-sizes.ts";
import { measureSizes } from "../scripts/sizes.ts";

/** How far a size may be from what the README says. A compressor of another version makes other bytes. */
const tolerance = 0.02;

/** What a program with the client may add to a page, gzipped, in bytes. A change that needs more raises it and says why. */
const maxGzippedBytes = 16_000;

describe("the sizes in the README", () => {
  it("are those of the client as it was built", async () => {
    const sizes = await measureSizes();
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    const quoted = quotedSizes(readme);
    assert.equal(quoted.length, sizes.length);
    for (const [index, { bundle, minified, gzipped }] of sizes.entries())
      for (const [bytes, kilobytes] of [
        [minified, quoted[index]?.minified ?? 0],
        [gzipped, quoted[index]?.gzipped ?? 0],
      ] as const) {
        const isNear = Math.abs(kilobytes * 1000 - bytes) <= bytes * tolerance;
        assert.ok(isNear, `${bundle}: ${bytes} bytes, not ${kilobytes} kB; mend it with: npm run readme`);
      }
    // What is written is what is read: nothing but the numbers differs.
    assert.equal(withSizes(readme, sizes).replaceAll(/[\d.]+ kB/g, ""), readme.replaceAll(/[\d.]+ kB/g, ""));
  });

  it(`are below ${maxGzippedBytes} bytes for a program with one call`, async () => {
    const [, oneCall] = await measureSizes();
    assert.ok(oneCall !== undefined && oneCall.gzipped < maxGzippedBytes, `${oneCall?.gzipped} bytes`);
  });
});
