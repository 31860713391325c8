import assert from "node:assert/strict";
import sharp from "sharp";
import { beforeAll, describe, it } from "vitest";
import { inspectImageFile } from "./image-file.ts";

describe("An image file", () => {
  const files = new Map<string, Buffer>();
  beforeAll(async () => {
    const picture = () => sharp({ create: { width: 40, height: 30, channels: 3, background: "red" } });
    files.set("jpeg", await picture().jpeg().toBuffer());
    files.set("png", await picture().png().toBuffer());
    files.set("webp", await picture().webp().toBuffer());
  });
  const fileOf = (format: string) => files.get(format) ?? Buffer.alloc(0);

  for (const format of ["jpeg", "png", "webp"]) {
    it(`is known as ${format}`, () => assert.deepEqual(inspectImageFile(fileOf(format)), { format }));

    it(`is known as ${format} with more behind it`, () =>
      assert.deepEqual(inspectImageFile(Buffer.concat([fileOf(format), Buffer.alloc(100)])), { format }));

    it(`is refused as ${format} that ends early, wherever, and never breaks the reader`, () => {
      for (let length = 0; length < fileOf(format).length; length += 1)
        assert.ok(inspectImageFile(fileOf(format).subarray(0, length)).problem, `${length} bytes`);
    });
  }

  it("is not taken for whole because of the end of a thumbnail", () => {
    const thumbnail = Buffer.from([0xff, 0xe1, 0x00, 0x06, 0xff, 0xd8, 0xff, 0xd9]);
    const jpeg = fileOf("jpeg");
    const whole = Buffer.concat([jpeg.subarray(0, 2), thumbnail, jpeg.subarray(2)]);
    assert.deepEqual(inspectImageFile(whole), { format: "jpeg" });
    assert.deepEqual(inspectImageFile(whole.subarray(0, -2)), { problem: "is truncated" });
  });

  it("is refused as an animated PNG", () => {
    const chunk = Buffer.concat([
      Buffer.from([0, 0, 0, 8]),
      Buffer.from("acTL"),
      Buffer.from([0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]),
    ]);
    const png = fileOf("png");
    // After the signature and IHDR.
    const apng = Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
    assert.deepEqual(inspectImageFile(apng), { problem: "must not be animated" });
  });

  for (const [what, start] of [
    ["nothing", ""],
    ["a GIF", "GIF89a"],
    ["an SVG", "<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ["a sound", "RIFF\u0004\0\0\0WAVE"],
    ["a PDF", "%PDF-1.7"],
  ] as const) {
    it(`is not ${what}`, () =>
      assert.deepEqual(inspectImageFile(Buffer.from(start, "latin1")), {
        problem: "must be a JPEG, PNG or WebP picture, in base64",
      }));
  }
});
