import {
  type BinaryNode,
  encodeBigEndian,
  generateSignalPubKey,
  KEY_BUNDLE_TYPE,
} from "@whiskeysockets/baileys";
import { element, requireBytes, requireNumber, unixSeconds } from "../../wire/stanza.ts";

/** A one-time pre-key as the server keeps it: its id (24 bits) and public key (32 bytes). */
export interface PreKey {
  readonly id: number;
  readonly publicKey: Buffer;
}

export interface SignedPreKey extends PreKey {
  readonly signature: Buffer;
}

/** The identity of a device: what stays the same from one session to the next. */
export interface KeyBundle {
  readonly registrationId: number;
  readonly identityKey: Uint8Array;
  readonly signedPreKey: SignedPreKey;
}

/** All that another device needs to open a Signal session with a device. */
export interface PreKeyBundle extends KeyBundle {
  /** Absent when the device has no one-time pre-key left. */
  readonly preKey: PreKey | undefined;
  /** Of a linked device: that its account vouches for it. */
  readonly deviceIdentity?: Uint8Array | undefined;
}

/** `<key><id/><value/></key>`, rc14 Utils/signal.ts xmppPreKey. */
export function readPreKey(key: BinaryNode): PreKey {
  return { id: requireNumber(key, "id"), publicKey: requireBytes(key, "value") };
}

/** `<skey><id/><value/><signature/></skey>`, rc14 Utils/signal.ts xmppSignedPreKey. */
export function readSignedPreKey(skey: BinaryNode): SignedPreKey {
  return { ...readPreKey(skey), signature: requireBytes(skey, "signature") };
}

/**
 * `<user>` of an answer to `<key>`, as rc14 Utils/signal.ts parseAndInjectE2ESessions reads it. Of a linked device it has a
 * `<device-identity>`, without which WhatsApp Web and whatsapp-rust open no session (createSignalSession there, wacore
 * src/prekeys.rs here).
 */
export function bundleElement(jid: string, bundle: PreKeyBundle): BinaryNode {
  const { preKey, deviceIdentity } = bundle;
  return element("user", { jid, t: unixSeconds() }, [
    ...identityElements(bundle),
    ...(preKey
      ? [
          element("key", {}, [
            element("id", {}, encodeBigEndian(preKey.id, 3)),
            element("value", {}, preKey.publicKey),
          ]),
        ]
      : []),
    ...(deviceIdentity ? [element("device-identity", {}, deviceIdentity)] : []),
  ]);
}

/** `<registration>`, `<type>`, `<identity>` and `<skey>`, with which bundles and their digests begin. */
export function identityElements({ registrationId, identityKey, signedPreKey }: KeyBundle): BinaryNode[] {
  return [
    element("registration", {}, encodeBigEndian(registrationId)),
    element("type", {}, KEY_BUNDLE_TYPE),
    element("identity", {}, identityKey),
    element("skey", {}, [
      element("id", {}, encodeBigEndian(signedPreKey.id, 3)),
      element("value", {}, signedPreKey.publicKey),
      element("signature", {}, signedPreKey.signature),
    ]),
  ];
}

/** The bundle in the shape that the Signal repository's `injectE2ESession` takes. */
export function bundleSession(bundle: PreKeyBundle) {
  const { signedPreKey, preKey } = bundle;
  return {
    registrationId: bundle.registrationId,
    identityKey: generateSignalPubKey(bundle.identityKey),
    signedPreKey: {
      keyId: signedPreKey.id,
      publicKey: generateSignalPubKey(signedPreKey.publicKey),
      signature: signedPreKey.signature,
    },
    ...(preKey ? { preKey: { keyId: preKey.id, publicKey: generateSignalPubKey(preKey.publicKey) } } : {}),
  };
}
