import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "vitest";
import { drawPicture } from "./drawn-picture.ts";

describe("drawPicture", () => {
  it("draws the same for the same id, and something else for another", () => {
    assert.deepEqual(drawPicture("1700000000", 96), drawPicture("1700000000", 96));
    assert.notDeepEqual(drawPicture("1700000000", 96), drawPicture("1700000001", 96));
  });

  it("is framed as a JPEG, and no marker hides in its data", () => {
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const jpeg = drawPicture(seed, 96);
        assert.equal(jpeg.subarray(0, 3).toString("hex"), "ffd8ff");
        assert.equal(jpeg.subarray(-2).toString("hex"), "ffd9");
        const scanHeader = jpeg.indexOf(Buffer.from("ffda", "hex"));
        const data = jpeg.subarray(scanHeader + 2 + jpeg.readUInt16BE(scanHeader + 2), -2);
        for (const [index, byte] of data.entries()) if (byte === 0xff) assert.equal(data[index + 1], 0);
      }),
    );
  });
});
