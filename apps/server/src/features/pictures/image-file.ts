/** The format of a file by its first bytes, or the reason why it cannot be used. */
export type ImageFile =
  | { readonly format: "jpeg" | "png" | "webp"; readonly problem?: undefined }
  | { readonly problem: string };

/**
 * Checks the structure of a file before it is decoded: no other format ever reaches a decoder. Decoders take the first
 * frame of an animation, and read no further than they must, so they would not reject animated or truncated files.
 */
export function inspectImageFile(file: Buffer): ImageFile {
  if (startsWith(file, 0xff, 0xd8, 0xff)) return judged("jpeg", endsAsJpeg(file));
  if (startsWith(file, 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return inspectPng(file);
  if (file.toString("latin1", 0, 4) === "RIFF" && file.toString("latin1", 8, 12) === "WEBP")
    return judged("webp", file.length >= 8 + file.readUInt32LE(4));
  return { problem: "must be a JPEG, PNG or WebP picture, in base64" };
}

function judged(format: "jpeg" | "png" | "webp", isWhole: boolean): ImageFile {
  return isWhole ? { format } : { problem: "is truncated" };
}

/** Whether an end-of-image marker follows the start of the pixels; an earlier marker may belong to a thumbnail. */
function endsAsJpeg(file: Buffer): boolean {
  for (let at = 2; at + 4 <= file.length && file[at] === 0xff; ) {
    const marker = file[at + 1] ?? 0;
    // Any number of 0xff may stand before a marker.
    if (marker === 0xff) at += 1;
    else if (marker === startOfScan) return file.lastIndexOf(endOfImage) > at;
    else at += 2 + file.readUInt16BE(at + 2);
  }
  return false;
}

const startOfScan = 0xda;
const endOfImage = Buffer.from([0xff, 0xd9]);

/** PNG is a list of chunks, `length type data CRC`; a chunk `acTL` marks an animation (APNG). */
function inspectPng(file: Buffer): ImageFile {
  for (let at = 8; at + 12 <= file.length; at += 12 + file.readUInt32BE(at)) {
    const type = file.toString("latin1", at + 4, at + 8);
    if (type === "acTL") return { problem: animated };
    if (type === "IEND") return { format: "png" };
  }
  return judged("png", false);
}

export const animated = "must not be animated";

function startsWith(file: Buffer, ...bytes: readonly number[]): boolean {
  return bytes.every((byte, index) => file[index] === byte);
}
