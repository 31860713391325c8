import { createHash } from "node:crypto";
import { type BinaryNode, encodeBigEndian } from "@whiskeysockets/baileys";
import { element } from "../../wire/stanza.ts";
import { identityElements, type KeyBundle, type PreKey } from "./pre-key-bundle.ts";

/**
 * `<digest>`: what the server keeps of a device's keys, for the device to compare. One `<id>` for each one-time
 * pre-key, and one hash over all of them (whatsapp-rust wacore/src/iq/prekeys.rs, which names WhatsApp Web's
 * WAWebDigestKeyJob, and zapo src/signal/api/SignalDigestSyncApi.ts; rc14 looks only whether there is one).
 * @param preKeys that are left, in the order of the list.
 */
export function digestElement(bundle: KeyBundle, preKeys: readonly PreKey[]): BinaryNode {
  return element("digest", {}, [
    ...identityElements(bundle),
    element(
      "list",
      {},
      preKeys.map(({ id }) => element("id", {}, encodeBigEndian(id, 3))),
    ),
    element("hash", {}, keyBundleHash(bundle, preKeys)),
  ]);
}

/** SHA-1 (20 bytes) of the identity key, the signed pre-key, its signature and the listed pre-keys, without type bytes. */
function keyBundleHash({ identityKey, signedPreKey }: KeyBundle, preKeys: readonly PreKey[]): Buffer {
  const hash = createHash("sha1")
    .update(identityKey)
    .update(signedPreKey.publicKey)
    .update(signedPreKey.signature);
  for (const { publicKey } of preKeys) hash.update(publicKey);
  return hash.digest();
}
