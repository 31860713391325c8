import { createHash } from "node:crypto";

const BLOCK = 8;
const CELLS = 5;

/**
 * A JPEG drawn from a seed: a symmetric pattern of five by five cells, so that the pictures of two
 * accounts look different. Every block of 8 × 8 pixels has one colour, which needs only the DC coefficients of baseline
 * JPEG (ITU T.81): one value per component and block, and an end-of-block code.
 *
 * @param seed the picture id.
 * @param pixels width and height, a multiple of 8.
 */
export function drawPicture(seed: string, pixels: number): Buffer {
  const digest = createHash("sha256").update(seed).digest();
  const blocks = pixels / BLOCK;
  const cell = Math.max(1, Math.floor(blocks / (CELLS + 1)));
  const margin = Math.floor((blocks - cell * CELLS) / 2);
  const background: Colour = [235, 128, 128];
  const ink: Colour = [90 + (digest[0] ?? 0) / 4, 64 + (digest[1] ?? 0) / 2, 64 + (digest[2] ?? 0) / 2];

  const colourAt = (column: number, row: number): Colour => {
    const x = Math.floor((column - margin) / cell);
    const y = Math.floor((row - margin) / cell);
    if (x < 0 || y < 0 || x >= CELLS || y >= CELLS) return background;
    const mirrored = Math.min(x, CELLS - 1 - x);
    return (digest[3 + mirrored * CELLS + y] ?? 0) % 2 === 0 ? ink : background;
  };
  return Buffer.concat([header(pixels), scan(blocks, colourAt), Buffer.from([0xff, 0xd9])]);
}

/** Luminance and the two colour differences, each 0 to 255. */
type Colour = readonly [number, number, number];

/** How many codes have 1, 2, … 16 bits in the one DC table: the first nine of T.81 table K.3, luminance. */
const DC_LENGTH_COUNTS = [0, 1, 5, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const DC_CODES = ["00", "010", "011", "100", "101", "110", "1110", "11110", "111110"];
/** The one AC table knows only "end of block", as the single bit 0. */
const AC_LENGTH_COUNTS = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

function header(pixels: number): Buffer {
  const size = [pixels >> 8, pixels & 0xff];
  // With quantisation 8 the DC coefficient of a flat block is its colour minus 128.
  const quantisation = new Array<number>(64).fill(8);
  const dcValues = DC_CODES.map((_, category) => category);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, [...Buffer.from("JFIF\0"), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    segment(0xdb, [0, ...quantisation]),
    segment(0xc0, [8, ...size, ...size, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
    segment(0xc4, [0x00, ...DC_LENGTH_COUNTS, ...dcValues]),
    segment(0xc4, [0x10, ...AC_LENGTH_COUNTS, 0x00]),
    segment(0xda, [3, 1, 0x00, 2, 0x00, 3, 0x00, 0, 63, 0]),
  ]);
}

function segment(marker: number, payload: readonly number[]): Buffer {
  const length = payload.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 0xff, ...payload]);
}

function scan(blocks: number, colourAt: (column: number, row: number) => Colour): Buffer {
  const previous = [0, 0, 0];
  const bytes: number[] = [];
  let bits = "";
  const flush = (text: string) => {
    bits += text;
    while (bits.length >= 8) {
      const byte = Number.parseInt(bits.slice(0, 8), 2);
      bits = bits.slice(8);
      // A data byte 0xff is followed by a zero, lest it read as a marker.
      bytes.push(byte, ...(byte === 0xff ? [0] : []));
    }
  };
  for (let row = 0; row < blocks; row++)
    for (let column = 0; column < blocks; column++)
      for (const [component, value] of colourAt(column, row).entries()) {
        const level = Math.round(value) - 128;
        flush(`${dcBits(level - (previous[component] ?? 0))}0`);
        previous[component] = level;
      }
  flush("1111111");
  return Buffer.from(bytes);
}

/** Category code and magnitude bits of a DC difference (T.81 F.1.2.1). */
function dcBits(difference: number): string {
  if (difference === 0) return DC_CODES[0] ?? "";
  const category = Math.floor(Math.log2(Math.abs(difference))) + 1;
  const magnitude = difference > 0 ? difference : difference + 2 ** category - 1;
  return `${DC_CODES[category] ?? ""}${magnitude.toString(2).padStart(category, "0")}`;
}
