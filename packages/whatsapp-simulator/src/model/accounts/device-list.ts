import { createHash } from "node:crypto";
import { type BinaryNode, Curve, jidDecode, proto } from "@whiskeysockets/baileys";
import { element } from "../../wire/stanza.ts";
import type { VirtualPhone } from "../signal/virtual-phone.ts";
import type { LinkedDevice } from "./linked-device.ts";

/** What begins the bytes that an account signs for its key indexes (WAWebAdvSignatureConstants in WhatsApp Web). */
const KEY_INDEX_PREFIX = Buffer.from([6, 2]);
const HASH_BYTES = 6;

/** A device as its account counts it. */
export type ListedDevice = Pick<LinkedDevice, "id" | "jid" | "lid"> & { readonly keyIndex: number };

/** The account that the devices belong to. */
export interface DeviceOwner {
  readonly jid: string;
  readonly lid: string;
  /** Without the phone, which is device 0. */
  readonly devices: readonly ListedDevice[];
  readonly nextDeviceId: number;
  readonly signal: Pick<VirtualPhone, "creds">;
}

/** By which addresses a list names its devices. */
export type Addressing = "jid" | "lid";

/**
 * The hash of a list of devices, in whatever order: `2:` and 6 bytes of SHA-256, base64, over the sorted addresses with
 * agent and device (whatsmeow send.go participantListHashV2 over types.JID ADString; zapo src/message/crypto/phash.ts).
 */
export function deviceHash(jids: readonly string[]): string {
  const addresses = jids.map(fullAddress).sort().join("");
  const hash = createHash("sha256").update(addresses).digest();
  return `2:${hash.subarray(0, HASH_BYTES).toString("base64")}`;
}

/** `5511999999999.0:1@s.whatsapp.net` of `5511999999999:1@s.whatsapp.net`. */
function fullAddress(jid: string): string {
  const decoded = jidDecode(jid);
  if (!decoded) return jid;
  const server = decoded.server === "c.us" ? "s.whatsapp.net" : decoded.server;
  return `${decoded.user}.0:${decoded.device ?? 0}@${server}`;
}

/** The devices of an account as other accounts get them, with the phone's signature on the valid ones. */
export class DeviceList {
  readonly #owner: DeviceOwner;
  #changedAt = Math.floor(Date.now() / 1000);
  #signed: Uint8Array | undefined;

  constructor(owner: DeviceOwner) {
    this.#owner = owner;
  }

  /** To be called when a device was linked or removed. */
  changed(): void {
    this.#changedAt = Math.max(this.#changedAt, Math.floor(Date.now() / 1000));
    this.#signed = undefined;
  }

  /** Of the phone and every linked device. */
  addresses(by: Addressing): string[] {
    return [this.#owner[by], ...this.#owner.devices.map((device) => device[by])];
  }

  hash(by: Addressing): string {
    return deviceHash(this.addresses(by));
  }

  /**
   * `<key-index-list ts>` with the signed list of key indexes that are valid. WhatsApp Web drops companions without it,
   * and wants `ts` to be the time inside (WAWebHandleAdvDeviceNotificationApi). An account that never linked a device
   * has signed nothing.
   * @param withBytes false for the notification of a removal, which has the time alone (whatsapp-rust
   * wacore/src/stanza/devices.rs).
   */
  keyIndexList(withBytes = true): BinaryNode {
    const attrs = { ts: String(this.#changedAt) };
    const isSigned = withBytes && this.#owner.nextDeviceId > 1;
    return isSigned ? element("key-index-list", attrs, this.#sign()) : element("key-index-list", attrs);
  }

  /** `<device jid lid key-index/>` of a linked device. */
  static element({ jid, lid, keyIndex }: ListedDevice): BinaryNode {
    return element("device", { jid, lid, "key-index": String(keyIndex) });
  }

  /** Made on first use: signing takes a millisecond, and the account's keys a few. */
  #sign(): Uint8Array {
    this.#signed ??= this.#signedList();
    return this.#signed;
  }

  #signedList(): Uint8Array {
    const { devices, nextDeviceId, signal } = this.#owner;
    const { registrationId, signedIdentityKey } = signal.creds;
    const details = proto.ADVKeyIndexList.encode({
      rawId: registrationId,
      timestamp: this.#changedAt,
      currentIndex: nextDeviceId - 1,
      validIndexes: [0, ...devices.map(({ keyIndex }) => keyIndex)],
      accountType: proto.ADVEncryptionType.E2EE,
    }).finish();
    return proto.ADVSignedKeyIndexList.encode({
      details,
      accountSignature: Curve.sign(signedIdentityKey.private, Buffer.concat([KEY_INDEX_PREFIX, details])),
      accountSignatureKey: signedIdentityKey.public,
    }).finish();
  }
}
