import { createCipheriv, hkdfSync, randomBytes } from "node:crypto";

/** What is encrypted under the secret of a message that it speaks of; the text is part of the key. */
export type SecretUse = "Poll Vote" | "Message Edit";

/** A message with a secret, and who writes about it. */
export interface SecretTarget {
  /** The message's id. */
  readonly id: string;
  /** 32 bytes, in its `messageContextInfo`. */
  readonly secret: Uint8Array;
  /** The JID of its author, without a device. */
  readonly author: string;
  /** The JID of the one who writes now, without a device. */
  readonly by: string;
}

/**
 * Encrypts as phones do under a message's secret: AES-256-GCM, the key by HKDF-SHA256 without salt, from the secret and from
 * whose message it is, who writes, and what for (whatsmeow msgsecret.go; rc14 Utils/process-message.ts decryptPollVote). Votes have
 * associated data, edits have none.
 */
export function encryptWithSecret(
  { id, secret, author, by }: SecretTarget,
  use: SecretUse,
  plaintext: Uint8Array,
): { encPayload: Uint8Array; encIv: Uint8Array } {
  const key = hkdfSync("sha256", secret, "", `${id}${author}${by}${use}`, 32);
  const encIv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", new Uint8Array(key), encIv);
  if (use === "Poll Vote") cipher.setAAD(Buffer.from(`${id}\0${by}`));
  const encPayload = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { encPayload, encIv };
}
