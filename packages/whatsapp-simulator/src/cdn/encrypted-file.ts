import { createCipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import { hkdf } from "@whiskeysockets/baileys";

/** An encrypted file and what its reader needs to know of it. */
export interface EncryptedFile {
  /** Ciphertext and ten bytes of MAC, as the CDN holds it. */
  readonly bytes: Buffer;
  readonly mediaKey: Buffer;
  readonly fileSha256: Buffer;
  readonly fileEncSha256: Buffer;
}

/** What the keys are derived for: rc14 Defaults MEDIA_HKDF_KEY_MAPPING `md-app-state` and `md-msg-hist`. */
export type FilePurpose = "WhatsApp App State Keys" | "WhatsApp History Keys";

const MAC_LENGTH = 10;

/** Encrypts as all of WhatsApp's media are (rc14 Utils/messages-media.ts getMediaKeys, encryptedStream). */
export function encryptFile(plaintext: Uint8Array, purpose: FilePurpose): EncryptedFile {
  const mediaKey = randomBytes(32);
  const expanded = Buffer.from(hkdf(mediaKey, 112, { info: purpose }));
  const iv = expanded.subarray(0, 16);
  const cipher = createCipheriv("aes-256-cbc", expanded.subarray(16, 48), iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const mac = createHmac("sha256", expanded.subarray(48, 80)).update(iv).update(ciphertext).digest();
  const bytes = Buffer.concat([ciphertext, mac.subarray(0, MAC_LENGTH)]);
  return { bytes, mediaKey, fileSha256: sha256(plaintext), fileEncSha256: sha256(bytes) };
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
