import { randomBytes } from "node:crypto";
import type { proto } from "@whiskeysockets/baileys";
import { CLOSE_KINDS } from "../close-kinds.ts";
import type { PictureBehaviour, PictureDescription } from "../pictures/picture.ts";
import { type PhoneKeys, VirtualPhone } from "../signal/virtual-phone.ts";
import { element, unixSeconds } from "../stanza.ts";
import type { World } from "../world.ts";
import type { Account, AccountDescription } from "./account.ts";
import { Inbox, type ReceivedMessage } from "./inbox.ts";
import type { DeviceRecord } from "./linked-device.ts";

const MESSAGE_WAIT_MS = 5_000;

/** An account as the server and the phone together know it. */
export class AccountRecord implements Account {
  readonly phone: string;
  readonly jid: string;
  readonly lid: string;
  readonly signal: VirtualPhone;
  readonly linked = new Map<number, DeviceRecord>();
  readonly received: Inbox;
  /** Device ids are not given twice: other people's sessions with an old device must not meet a new one. */
  nextDeviceId = 1;
  description: AccountDescription;
  picture: PictureDescription | undefined;
  pictureBehaviour: PictureBehaviour = "visible";
  readonly #world: World;

  constructor(description: AccountDescription, world: World, keys?: PhoneKeys) {
    this.#world = world;
    this.phone = description.phone;
    this.jid = `${description.phone}@s.whatsapp.net`;
    this.lid = lidOf(description);
    this.signal = new VirtualPhone(keys);
    this.received = new Inbox(world.lifetime);
    this.description = description;
    this.describe(description);
  }

  get name(): string {
    return this.description.name ?? `User ${this.phone}`;
  }

  get devices(): DeviceRecord[] {
    return [...this.linked.values()];
  }

  get inbox(): readonly ReceivedMessage[] {
    return this.received.messages;
  }

  /** @throws Error when it names another LID than the account has: devices and sessions hang on it. */
  describe(description: AccountDescription): void {
    if (description.lid !== undefined && lidOf(description) !== this.lid)
      throw new Error(`the LID of ${this.phone} is ${this.lid}`);
    this.description = description;
    this.picture = description.picture;
    this.pictureBehaviour = description.pictureBehaviour ?? "visible";
  }

  deviceJid(deviceId: number): string {
    return deviceId === 0 ? this.jid : `${this.phone}:${deviceId}@s.whatsapp.net`;
  }

  deviceLid(deviceId: number): string {
    return deviceId === 0 ? this.lid : this.lid.replace("@", `:${deviceId}@`);
  }

  scanQr(qrText: string): Promise<DeviceRecord> {
    return this.#world.qrPairings.scan(this, qrText);
  }

  enterPairingCode(code: string): Promise<DeviceRecord> {
    return this.#world.codePairings.enter(this, code);
  }

  unlink(deviceId?: number): void {
    for (const device of this.devices)
      if (deviceId === undefined || device.id === deviceId) this.forget(device, CLOSE_KINDS.removed);
  }

  /** Takes a device off the list and ends its connection in the given way. */
  forget(device: DeviceRecord, end: (typeof CLOSE_KINDS)["removed"]): void {
    if (!this.linked.delete(device.id)) return;
    const { connection } = device;
    device.connection = undefined;
    if (connection) end(connection);
    this.#world.events.emit("unlinked", { phone: this.phone, device });
  }

  setPicture(picture: PictureDescription | null): void {
    this.picture = picture ?? undefined;
  }

  setPictureBehaviour(behaviour: PictureBehaviour): void {
    this.pictureBehaviour = behaviour;
  }

  hidePicture(): void {
    this.pictureBehaviour = "hidden";
  }

  showPicture(): void {
    this.pictureBehaviour = "visible";
  }

  async sendMessage(toPhone: string, message: proto.IMessage): Promise<string> {
    return this.#world.phones.send(this, this.#world.directory.account(toPhone), message);
  }

  async sendGroupMessage(groupJid: string, message: proto.IMessage): Promise<string> {
    return this.#world.phones.sendToGroup(this, this.#world.directory.requireGroup(groupJid), message);
  }

  givePrivacyToken(toPhone: string, token: Uint8Array = randomBytes(16)): void {
    const t = unixSeconds();
    const tokens = element("tokens", {}, [element("token", { type: "trusted_contact", t }, token)]);
    const attrs = {
      from: this.jid,
      sender_lid: this.lid,
      type: "privacy_token",
      id: randomBytes(8).toString("hex"),
      t,
    };
    for (const device of this.#world.directory.account(toPhone).devices)
      device.deliver(element("notification", attrs, [tokens]));
  }

  waitForMessage(
    matches: (message: ReceivedMessage) => boolean = () => true,
    milliseconds = MESSAGE_WAIT_MS,
  ): Promise<ReceivedMessage> {
    return this.received.next(matches, milliseconds);
  }
}

function lidOf({ lid, phone }: AccountDescription): string {
  return `${lid ?? `9${phone.padStart(15, "0")}`}@lid`;
}
