import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { SecretKey } from "../../kernel/secret-key.ts";

/** Which row a value belongs to. It is authenticated with the value, so that no value can take another's place. */
export type AssociatedData =
  | readonly [table: "credentials", deviceId: string]
  | readonly [table: "signal_keys", deviceId: string, type: string, id: string]
  | readonly [table: "idempotency_keys", id: string];

/** A value as it is stored. */
export interface Sealed {
  readonly key_id: string;
  /** Base64url of nonce (12 bytes), ciphertext and tag (16 bytes). */
  readonly text: string;
}

/**
 * Encrypts a value with AES-256-GCM under a nonce of its own. Nonces are random, so a key is good for 2^32 values (NIST
 * SP 800-38D, 8.3): more than a century of one value a second.
 */
export function seal({ id, key }: SecretKey, place: AssociatedData, text: string): Sealed {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(authenticated(place));
  const parts = [nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
  return { key_id: id, text: Buffer.concat(parts).toString("base64url") };
}

/** @returns what was sealed with this key for this place @throws Error for anything else */
export function unseal({ key }: SecretKey, place: AssociatedData, text: string): string {
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

function authenticated(place: AssociatedData): Buffer {
  return Buffer.from(JSON.stringify(place));
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
