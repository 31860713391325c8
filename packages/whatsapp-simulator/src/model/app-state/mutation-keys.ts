import { hkdf, hmacSign } from "@whiskeysockets/baileys";

/** An app-state sync key, which the phone makes and shares with its devices; WhatsApp's servers never see it. */
export interface AppStateKey {
  readonly id: Buffer;
  /** 32 bytes. */
  readonly data: Buffer;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** The five keys that one app-state key is expanded to. */
export interface MutationKeys {
  readonly index: Buffer;
  readonly valueEncryption: Buffer;
  readonly valueMac: Buffer;
  readonly snapshotMac: Buffer;
  readonly patchMac: Buffer;
}

export type Operation = "set" | "remove";

const KEY_LENGTH = 32;

/** whatsmeow appstate/keys.go expandAppStateKeys. */
export function mutationKeys({ data }: AppStateKey): MutationKeys {
  const expanded = Buffer.from(hkdf(data, 5 * KEY_LENGTH, { info: "WhatsApp Mutation Keys" }));
  const part = (index: number) => expanded.subarray(index * KEY_LENGTH, (index + 1) * KEY_LENGTH);
  return {
    index: part(0),
    valueEncryption: part(1),
    valueMac: part(2),
    snapshotMac: part(3),
    patchMac: part(4),
  };
}

/** Vouches for one encrypted value (whatsmeow appstate/hash.go generateContentMAC). */
export function valueMacOf(
  operation: Operation,
  ciphertext: Uint8Array,
  keyId: Uint8Array,
  keys: MutationKeys,
): Buffer {
  const associated = Buffer.concat([Buffer.from([operation === "set" ? 1 : 2]), keyId]);
  const signed = Buffer.concat([associated, ciphertext, networkOrder(associated.length)]);
  return Buffer.from(hmacSign(signed, keys.valueMac, "sha512").subarray(0, 32));
}

/** Identifies an index without its text. */
export function indexMacOf(index: Uint8Array, keys: MutationKeys): Buffer {
  return Buffer.from(hmacSign(index, keys.index));
}

/** Vouches for a whole collection (generateSnapshotMAC). */
export function snapshotMacOf(hash: Uint8Array, version: number, name: string, keys: MutationKeys): Buffer {
  return Buffer.from(
    hmacSign(Buffer.concat([hash, networkOrder(version), Buffer.from(name)]), keys.snapshotMac),
  );
}

/** Vouches for one patch (generatePatchMAC). */
export function patchMacOf(
  snapshotMac: Uint8Array,
  valueMacs: readonly Uint8Array[],
  version: number,
  name: string,
  keys: MutationKeys,
): Buffer {
  const signed = Buffer.concat([snapshotMac, ...valueMacs, networkOrder(version), Buffer.from(name)]);
  return Buffer.from(hmacSign(signed, keys.patchMac));
}

/** A number as eight bytes, big-endian. */
function networkOrder(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
