import { hkdf } from "@whiskeysockets/baileys";

const LENGTH = 128;

/** The hash of an empty collection. */
export function emptyHash(): Buffer {
  return Buffer.alloc(LENGTH);
}

/**
 * The summation hash over the value MACs of a collection: it is the same in whatever order they came and went.
 * Each MAC is expanded to 64 little-endian numbers of 16 bits, which are added and subtracted one by one
 * (whatsmeow appstate/lthash/lthash.go).
 */
export function ltHash(
  hash: Uint8Array,
  removed: readonly Uint8Array[],
  added: readonly Uint8Array[],
): Buffer {
  const sum = Buffer.from(hash);
  for (const mac of removed) combine(sum, mac, -1);
  for (const mac of added) combine(sum, mac, 1);
  return sum;
}

function combine(sum: Buffer, mac: Uint8Array, sign: 1 | -1): void {
  const expanded = Buffer.from(hkdf(mac, LENGTH, { info: "WhatsApp Patch Integrity" }));
  for (let at = 0; at < LENGTH; at += 2)
    sum.writeUInt16LE((sum.readUInt16LE(at) + sign * expanded.readUInt16LE(at)) & 0xffff, at);
}
