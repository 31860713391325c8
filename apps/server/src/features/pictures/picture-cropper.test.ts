import assert from "node:assert/strict";
import sharp, { type Sharp } from "sharp";
import { describe, it } from "vitest";
import { Failure } from "../../kernel/failures.ts";
import { PictureCropper } from "./picture-cropper.ts";

const side = 640;
const usual = new PictureCropper(5_242_880);

/** A red picture with a blue square in the middle of its longer side. */
function striped(width: number, height: number): Sharp {
  const length = Math.min(width, height);
  const blue = { create: { width: length, height: length, channels: 3 as const, background: "blue" } };
  return sharp({ create: { width, height, channels: 3, background: "red" } }).composite([
    { input: blue, gravity: "centre" },
  ]);
}

async function colourAt(jpeg: Buffer, left: number, top: number): Promise<string> {
  const pixel = await sharp(jpeg).extract({ left, top, width: 1, height: 1 }).raw().toBuffer();
  const [red = 0, green = 0, blue = 0] = pixel;
  if (red > 200 && green > 200 && blue > 200) return "white";
  if (red > 200 && green < 60) return "red";
  return blue > 200 && red < 60 ? "blue" : `${red} ${green} ${blue}`;
}

const base64 = (file: Buffer) => file.toString("base64");
const refuses = (message: string) => (error: unknown) =>
  error instanceof Failure &&
  error.validation?.[0]?.field === "image" &&
  error.validation[0].message === message;

describe("A square picture", () => {
  for (const [width, height] of [
    [1_200, 300],
    [300, 1_200],
    [640, 640],
    [20, 90],
  ] as const) {
    it(`is the middle of one of ${width} by ${height}`, async () => {
      const jpeg = await usual.prepare(base64(await striped(width, height).png().toBuffer()), "a tenant");
      assert.partialDeepStrictEqual(await sharp(jpeg).metadata(), {
        format: "jpeg",
        width: side,
        height: side,
      });
      for (const [left, top] of [
        [5, 5],
        [634, 634],
        [320, 320],
      ] as const)
        assert.equal(await colourAt(jpeg, left, top), "blue");
    });
  }

  it("is turned as the orientation says, and says nothing more of itself", async () => {
    // Red above, blue below; a viewer turns it by 90 degrees clockwise.
    const half = { create: { width: 400, height: 200, channels: 3 as const, background: "blue" } };
    const turned = await sharp({ create: { width: 400, height: 400, channels: 3, background: "red" } })
      .composite([{ input: half, gravity: "south" }])
      .withMetadata({ orientation: 6 })
      .withExif({ IFD0: { Copyright: "somebody" }, IFD3: { GPSLatitudeRef: "S" } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    assert.ok((await sharp(turned).metadata()).exif);
    const jpeg = await usual.prepare(base64(turned), "a tenant");
    assert.deepEqual([await colourAt(jpeg, 5, 320), await colourAt(jpeg, 634, 320)], ["blue", "red"]);
    const { exif, icc, xmp, iptc, orientation } = await sharp(jpeg).metadata();
    assert.deepEqual([exif, icc, xmp, iptc, orientation], Array(5).fill(undefined));
  });

  it("has white where the picture has nothing", async () => {
    const create = {
      width: 50,
      height: 50,
      channels: 4 as const,
      background: { r: 0, g: 0, b: 0, alpha: 0 },
    };
    for (const file of [await sharp({ create }).png().toBuffer(), await sharp({ create }).webp().toBuffer()])
      assert.equal(await colourAt(await usual.prepare(base64(file), "a tenant"), 320, 320), "white");
  });

  it("is not made of too many pixels, however small the file", async () => {
    const create = { width: 8_000, height: 8_000, channels: 3 as const, background: "red" };
    const file = await sharp({ create }).png({ compressionLevel: 9 }).toBuffer();
    assert.ok(file.length < 1_000_000, `${file.length}`);
    await assert.rejects(
      usual.prepare(base64(file), "a tenant"),
      refuses("must have at most 40000000 pixels"),
    );
  });

  it("is made of a strip of one pixel by many", async () => {
    const file = await striped(1, 16_000).png().toBuffer();
    assert.partialDeepStrictEqual(await sharp(await usual.prepare(base64(file), "a tenant")).metadata(), {
      width: side,
      height: side,
    });
  });

  it("is not made of a WebP that moves", async () => {
    const frames = Buffer.alloc(10 * 20 * 3);
    frames.fill(255, 300);
    const raw = { width: 10, height: 20, channels: 3 as const, pageHeight: 10 };
    const file = await sharp(frames, { raw }).webp({ lossless: true }).toBuffer();
    assert.equal((await sharp(file).metadata()).pages, 2);
    await assert.rejects(usual.prepare(base64(file), "a tenant"), refuses("must not be animated"));
  });

  it("is not made of what only begins as a picture does", async () => {
    const file = await striped(300, 300).png().toBuffer();
    file.fill(0x55, file.length / 2, file.length - 20);
    await assert.rejects(usual.prepare(base64(file), "a tenant"), refuses("cannot be read"));
    const jpeg = Buffer.from("ffd8ffe00004abcdffda0004abcd00112233ffd9", "hex");
    await assert.rejects(usual.prepare(base64(jpeg), "a tenant"), refuses("cannot be read"));
  });

  it("is not made of what ends early, also where the square does not reach", async () => {
    const file = await striped(300, 1_200).jpeg().toBuffer();
    await assert.rejects(usual.prepare(base64(file.subarray(0, -40)), "a tenant"), refuses("is truncated"));
  });

  it("is not made of other formats, which no decoder gets to see", async () => {
    const gif = await striped(30, 30).gif().toBuffer();
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    for (const file of [gif, svg])
      await assert.rejects(
        usual.prepare(base64(file), "a tenant"),
        refuses("must be a JPEG, PNG or WebP picture, in base64"),
      );
  });

  it("is not made of a file that is too large, counted without base64", async () => {
    const file = await striped(300, 300).png().toBuffer();
    assert.ok(await new PictureCropper(file.length).prepare(base64(file), "a tenant"));
    await assert.rejects(new PictureCropper(file.length - 1).prepare(base64(file), "a tenant"), {
      name: "PayloadTooLarge",
    });
  });

  it("has to wait for few others only", async () => {
    const file = base64(await striped(2_000, 2_000).png().toBuffer());
    const small = new PictureCropper(5_242_880, { maxWaiting: 1 });
    const [first, second, third, fourth] = Array.from({ length: 4 }, () => small.prepare(file, "a tenant"));
    await assert.rejects(async () => fourth, {
      name: "DeviceBusy",
      message: "too many pictures are being prepared",
    });
    for (const jpeg of await Promise.all([first, second, third])) assert.ok(jpeg);
  });
});
