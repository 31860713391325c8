const UNCOMPRESSED = 0;
const LIST = 0xf8;
const TEXT = 0xfc;

/**
 * An element without content, encoded without the dictionary, so that clients of every dictionary version read it: a
 * list of its words, each of at most 255 bytes (rc14 WABinary/encode.ts: LIST_8 and BINARY_8).
 */
export function plainStanza(tag: string, attrs: Readonly<Record<string, string>>): Buffer {
  const words = [tag, ...Object.entries(attrs).flat()];
  return Buffer.concat([Buffer.from([UNCOMPRESSED, LIST, words.length]), ...words.map(plainText)]);
}

function plainText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([TEXT, bytes.length]), bytes]);
}
