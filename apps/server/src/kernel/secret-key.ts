import { createSecretKey, hash, type KeyObject, randomBytes } from "node:crypto";

/** A key that encrypts secrets in the database. Printing it reveals nothing: its bytes are behind `key`. */
export interface SecretKey {
  /** The first 8 hex digits of the key's SHA-256. Stored with the encrypted data; not a secret. */
  readonly id: string;
  readonly key: KeyObject;
}

/** Keys, the newest first: the newest encrypts, the others only decrypt. */
export type SecretKeys = readonly [newest: SecretKey, ...older: SecretKey[]];

/** @returns a new random key */
export function makeSecretKey(): SecretKey {
  return secretKeyOf(randomBytes(keyBytes));
}

/** @param text 32 bytes as base64, base64url or hex @returns `undefined` for anything else */
export function parseSecretKey(text: string): SecretKey | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return secretKeyOf(Buffer.from(text, "hex"));
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  return secretKeyOf(Buffer.from(text, "base64"));
}

/** @returns the key in base64, as `parseSecretKey` reads it */
export function formatSecretKey({ key }: SecretKey): string {
  return key.export().toString("base64");
}

/** @returns whether no two keys have the same id */
export function areDifferent(keys: readonly SecretKey[]): boolean {
  return new Set(keys.map(({ id }) => id)).size === keys.length;
}

function secretKeyOf(bytes: Uint8Array): SecretKey {
  return { id: hash("sha256", bytes).slice(0, 8), key: createSecretKey(bytes) };
}

const keyBytes = 32;
