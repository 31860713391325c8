import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hash,
  type KeyObject,
  randomBytes,
} from "node:crypto";

/** A key that encrypts what the database must not show. It prints nothing of itself: its bytes are behind `key`. */
export interface SecretKey {
  /** The first 8 hex digits of the key's SHA-256. Stored with what the key encrypts, and no secret. */
  readonly id: string;
  readonly key: KeyObject;
}

/** Which row a value belongs to. It is authenticated with the value, so that no value can take another's place. */
export type Place =
  | readonly [table: "credentials", deviceId: string]
  | readonly [table: "signal_keys", deviceId: string, type: string, id: string];

/** A value as it is stored. */
export interface Sealed {
  readonly key_id: string;
  /** Base64url of nonce (12 bytes), ciphertext and tag (16 bytes). */
  readonly text: string;
}

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

/**
 * Encrypts a value with AES-256-GCM under a nonce of its own. Nonces are random, so a key is good for 2^32 values (NIST
 * SP 800-38D, 8.3): more than a century of one value a second.
 */
export function seal({ id, key }: SecretKey, place: Place, text: string): Sealed {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(authenticated(place));
  const parts = [nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
  return { key_id: id, text: Buffer.concat(parts).toString("base64url") };
}

/** @returns what was sealed with this key for this place @throws Error for anything else */
export function unseal({ key }: SecretKey, place: Place, text: string): string {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length < nonceBytes + tagBytes) throw new Error("it is too short");
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(authenticated(place))
    .setAuthTag(bytes.subarray(-tagBytes));
  const plain = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
  return Buffer.concat([plain, decipher.final()]).toString("utf8");
}

function secretKeyOf(bytes: Uint8Array): SecretKey {
  return { id: hash("sha256", bytes).slice(0, 8), key: createSecretKey(bytes) };
}

function authenticated(place: Place): Buffer {
  return Buffer.from(JSON.stringify(place));
}

const algorithm = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
