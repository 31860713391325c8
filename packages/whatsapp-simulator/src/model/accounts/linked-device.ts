import type { BinaryNode } from "@whiskeysockets/baileys";
import type { ClientConnection } from "../../wire/client-connection.ts";
import type { PreKey, SignedPreKey } from "../signal/pre-key-bundle.ts";

/** A device in the account's "Linked devices". */
export interface LinkedDevice {
  /** 1 and up; 0 is the phone itself. Never given twice within an account. */
  readonly id: number;
  /** `5511999999999:1@s.whatsapp.net` */
  readonly jid: string;
  /** `90000000000001:1@lid` */
  readonly lid: string;
  /** True while a connection is logged in as this device. */
  readonly connected: boolean;
  /** How many one-time pre-keys are left on the server. */
  readonly preKeyCount: number;
}

/** The oldest stanza is lost beyond it. */
const OFFLINE_CAPACITY = 1_000;

/** What WhatsApp's servers keep of a linked device. Keys are public keys of 32 bytes. */
export class DeviceRecord implements LinkedDevice {
  readonly id: number;
  readonly jid: string;
  readonly lid: string;
  readonly noiseKey: Buffer;
  readonly identityKey: Buffer;
  registrationId: number;
  signedPreKey: SignedPreKey | undefined;
  preKeys: PreKey[] = [];
  /** The `ADVSignedDeviceIdentity` by which the account and the device vouch for each other; others get it with its keys. */
  deviceIdentity: Buffer | undefined;
  /** Stanzas that wait for the next login, oldest first. */
  offline: BinaryNode[] = [];
  /** Messages that were sent and that the device has not acknowledged, oldest first: they come again at its next login. */
  unacknowledged: BinaryNode[] = [];
  connection: ClientConnection | undefined;
  /** The phone has sent the app-state key and the history. */
  initialSyncSent = false;

  constructor(init: {
    id: number;
    jid: string;
    lid: string;
    noiseKey: Buffer;
    identityKey: Buffer;
    registrationId: number;
  }) {
    this.id = init.id;
    this.jid = init.jid;
    this.lid = init.lid;
    this.noiseKey = init.noiseKey;
    this.identityKey = init.identityKey;
    this.registrationId = init.registrationId;
  }

  get connected(): boolean {
    return this.connection !== undefined;
  }

  get preKeyCount(): number {
    return this.preKeys.length;
  }

  /** Index of the device's key in the account's signed list; WhatsApp counts it apart, here it is the id. */
  get keyIndex(): number {
    return this.id;
  }

  /** Sends now, or at the next login with `offline` set, as WhatsApp's offline queue does. */
  deliver(stanza: BinaryNode): void {
    if (this.connection) {
      this.#send(this.connection, stanza);
      return;
    }
    this.offline.push(asOffline(stanza));
    if (this.offline.length > OFFLINE_CAPACITY) this.offline.shift();
  }

  /** Sends what waited for the device on the connection that it has now. @returns how many stanzas there were */
  deliverOffline(connection: ClientConnection): number {
    const waiting = this.waiting;
    this.offline = [];
    this.unacknowledged = [];
    for (const stanza of waiting) this.#send(connection, stanza);
    return waiting.length;
  }

  /** What the device gets at its next login: what it has not acknowledged comes again. */
  get waiting(): BinaryNode[] {
    return [...this.unacknowledged.map(asOffline), ...this.offline];
  }

  /** The device has got a message, whatever it could make of it. */
  acknowledge(id: string | undefined): void {
    this.unacknowledged = this.unacknowledged.filter(({ attrs }) => attrs.id !== id);
  }

  #send(connection: ClientConnection, stanza: BinaryNode): void {
    connection.send(stanza);
    if (stanza.tag !== "message") return;
    this.unacknowledged.push(stanza);
    if (this.unacknowledged.length > OFFLINE_CAPACITY) this.unacknowledged.shift();
  }

  /** Removes what waits for the next login and has been overtaken. */
  withdraw(isOvertaken: (stanza: BinaryNode) => boolean): void {
    this.offline = this.offline.filter((stanza) => !isOvertaken(stanza));
  }
}

function asOffline(stanza: BinaryNode): BinaryNode {
  return { ...stanza, attrs: { ...stanza.attrs, offline: "0" } };
}
