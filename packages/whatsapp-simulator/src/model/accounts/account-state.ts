import { randomBytes } from "node:crypto";
import type { proto } from "@whiskeysockets/baileys";
import { CLOSE_KINDS } from "../../faults/close-kinds.ts";
import { element, unixSeconds } from "../../wire/stanza.ts";
import type { SavedAppState } from "../app-state/app-state.ts";
import type { Mutation } from "../app-state/collection.ts";
import type { Contact, ContactDescription } from "../app-state/contacts.ts";
import { SyncedSettings } from "../app-state/synced-settings.ts";
import type { SimulatorEvents } from "../events.ts";
import type { Group } from "../group.ts";
import type { Lifetime } from "../lifetime.ts";
import type { PictureBehaviour, PictureDescription } from "../picture.ts";
import { type PhoneKeys, VirtualPhone } from "../signal/virtual-phone.ts";
import type { Account, AccountDescription } from "./account.ts";
import { type BlockAction, BlockList } from "./block-list.ts";
import { type Addressing, DeviceList } from "./device-list.ts";
import { Inbox, type ReceivedMessage } from "./inbox.ts";
import type { DeviceRecord } from "./linked-device.ts";
import { Presence } from "./presence.ts";
import { Profile, type SavedProfile } from "./profile.ts";

const MESSAGE_WAIT_MS = 5_000;

/** What an account brings from an earlier run. */
export interface SavedAccountState {
  readonly keys: PhoneKeys | undefined;
  readonly appState?: SavedAppState | undefined;
  readonly profile?: SavedProfile | undefined;
  /** Phones. */
  readonly blocked?: readonly string[] | undefined;
  readonly privacyTokens?: readonly (readonly [phone: string, token: PrivacyToken])[] | undefined;
  /** JIDs of devices. */
  readonly writtenFromLid?: readonly string[] | undefined;
}

/** What an account needs of the simulator around it; the `ServerContext` is all of it, and knows accounts itself. */
export interface AccountContext {
  readonly lifetime: Lifetime;
  readonly events: Pick<SimulatorEvents, "emit">;
  readonly directory: {
    findAccount(phone: string): AccountState | undefined;
    accountOf(jid: string): AccountState | undefined;
    account(phone: string): AccountState;
    requireGroup(jid: string): Group;
    changeLid(account: AccountState, change: (lid: string) => void, lid: string): void;
  };
  readonly qrPairings: { scan(account: AccountState, text: string): Promise<DeviceRecord> };
  readonly codePairings: { enter(account: AccountState, typed: string): Promise<DeviceRecord> };
  readonly phones: {
    send(sender: AccountState, to: AccountState, message: proto.IMessage, by?: Addressing): Promise<string>;
    sendToGroup(sender: AccountState, group: Group, message: proto.IMessage): Promise<string>;
  };
  readonly media: { remove(pictureId: string): void };
  readonly notifications: {
    about(account: AccountState, text: string, by?: DeviceRecord): void;
    blockList(
      account: AccountState,
      item: Record<string, string>,
      previousHash: string,
      by?: DeviceRecord,
    ): void;
    picture(account: AccountState, picture: PictureDescription | undefined, by?: DeviceRecord): void;
    devices(account: AccountState, operation: "add" | "remove", device: DeviceRecord): void;
  };
}

/** What a picture query about someone carries as `<tctoken>`. */
export interface PrivacyToken {
  readonly bytes: Uint8Array;
  /** Unix seconds. */
  readonly at: number;
}

const MOST_TOKENS = 10_000;

/** An account as the server and the phone together know it. */
export class AccountState implements Account {
  readonly phone: string;
  readonly jid: string;
  signal: VirtualPhone;
  readonly linked = new Map<number, DeviceRecord>();
  readonly deviceList = new DeviceList(this);
  readonly received: Inbox;
  readonly settings: SyncedSettings;
  readonly presence = new Presence(this);
  /** Given to this account, by the phone of who gave it. */
  readonly privacyTokens: Map<string, PrivacyToken>;
  /** JIDs of the devices, of whatever account, that have their session with this phone by LID: the phone answers from it. */
  readonly writtenFromLid: Set<string>;
  /** Device ids are not given twice: other people's sessions with an old device must not meet a new one. */
  nextDeviceId = 1;
  readonly profile: Profile;
  blockList: BlockList;
  description: AccountDescription;
  #lid: string;
  readonly #keepsBlockList: boolean;
  readonly #context: AccountContext;

  constructor(description: AccountDescription, context: AccountContext, memory?: SavedAccountState) {
    this.#context = context;
    this.phone = description.phone;
    this.jid = `${description.phone}@s.whatsapp.net`;
    this.#lid = lidOf(description);
    this.signal = new VirtualPhone(memory?.keys);
    this.received = new Inbox(context.lifetime);
    this.settings = new SyncedSettings(this, context.directory, memory?.appState);
    this.privacyTokens = new Map(memory?.privacyTokens);
    this.writtenFromLid = new Set(memory?.writtenFromLid);
    this.profile = new Profile(description, memory?.profile);
    this.description = description;
    this.#keepsBlockList = memory?.blocked !== undefined;
    this.blockList = new BlockList(context.directory, memory?.blocked ?? description.blocked ?? []);
  }

  get lid(): string {
    return this.#lid;
  }

  get name(): string {
    return this.profile.name;
  }

  get about(): string {
    return this.profile.about.text;
  }

  get blocked(): string[] {
    return this.blockList.phones;
  }

  get picture(): PictureDescription | undefined {
    return this.profile.picture;
  }

  get pictureBehaviour(): PictureBehaviour {
    return this.profile.pictureBehaviour;
  }

  get devices(): DeviceRecord[] {
    return [...this.linked.values()];
  }

  get contacts(): Contact[] {
    return this.settings.contacts;
  }

  get inbox(): readonly ReceivedMessage[] {
    return this.received.messages;
  }

  /** @throws Error when it names another LID than the account has: devices and sessions hang on it. */
  describe(description: AccountDescription): void {
    if (description.lid !== undefined && lidOf(description) !== this.lid)
      throw new Error(`the LID of ${this.phone} is ${this.lid}`);
    this.description = description;
    this.profile.describe(description);
    if (!this.#keepsBlockList)
      this.blockList = new BlockList(this.#context.directory, description.blocked ?? []);
  }

  deviceJid(deviceId: number): string {
    return deviceId === 0 ? this.jid : `${this.phone}:${deviceId}@s.whatsapp.net`;
  }

  deviceLid(deviceId: number): string {
    return deviceId === 0 ? this.lid : this.lid.replace("@", `:${deviceId}@`);
  }

  /** A device has written to this phone by one of its addresses, and expects answers from that one. */
  answersFrom(device: DeviceRecord, address: Addressing): void {
    if (address === "lid") this.writtenFromLid.add(device.jid);
    else this.writtenFromLid.delete(device.jid);
  }

  scanQr(qrText: string): Promise<DeviceRecord> {
    return this.#context.qrPairings.scan(this, qrText);
  }

  enterPairingCode(code: string): Promise<DeviceRecord> {
    return this.#context.codePairings.enter(this, code);
  }

  changeLid(lid: string): void {
    this.#context.directory.changeLid(
      this,
      (changed) => (this.#lid = changed),
      lidOf({ ...this.description, lid }),
    );
    this.unlink();
    this.signal.close();
    this.signal = new VirtualPhone();
  }

  unlink(deviceId?: number): void {
    for (const device of this.devices)
      if (deviceId === undefined || device.id === deviceId) this.forget(device, CLOSE_KINDS.removed);
  }

  /** Puts a device that has proved its identity on the list, and tells those who may write to it. */
  link(device: DeviceRecord): void {
    this.linked.set(device.id, device);
    this.deviceList.changed();
    this.#context.notifications.devices(this, "add", device);
  }

  /** Takes a device off the list and ends its connection in the given way. */
  forget(device: DeviceRecord, end: (typeof CLOSE_KINDS)["removed"]): void {
    if (!this.linked.delete(device.id)) return;
    this.deviceList.changed();
    this.#context.notifications.devices(this, "remove", device);
    const { connection } = device;
    device.connection = undefined;
    this.presence.set(device, false);
    if (connection) end(connection);
    this.#context.events.emit("unlinked", { phone: this.phone, device });
  }

  saveContact(contact: ContactDescription): void {
    this.settings.saveContact(contact);
  }

  removeContact(contact: Pick<ContactDescription, "phone" | "jid">): void {
    this.settings.removeContact(contact);
  }

  /** What devices pushed to the app state, as far as the account itself consists of it. */
  adopt(mutations: readonly Mutation[]): void {
    for (const { operation, index, value } of mutations) {
      const name = value.pushNameSetting?.name;
      if (operation !== "set" || index[0] !== "setting_pushName" || !name) continue;
      this.profile.name = name;
      this.presence.announce();
    }
  }

  setName(name: string): void {
    if (name === this.name) return;
    this.profile.name = name;
    this.settings.setPushName(name);
    this.presence.announce();
  }

  setAbout(text: string): void {
    this.changeAbout(text);
  }

  /** @param by the device that did it; undefined for the phone. */
  changeAbout(text: string, by?: DeviceRecord): void {
    this.profile.about = { text, setAt: Number(unixSeconds()) };
    this.#context.notifications.about(this, text, by);
  }

  block(phone: string): void {
    if (this.blockList.isFull) throw new Error(`the block list of ${this.phone} is full`);
    this.changeBlock(this.#context.directory.account(phone).phone, "block");
  }

  unblock(phone: string): void {
    this.changeBlock(phone, "unblock");
  }

  /** @param by the device that did it; undefined for the phone. */
  changeBlock(phone: string, action: BlockAction, by?: DeviceRecord): void {
    const { hash } = this.blockList;
    if (!this.blockList.change(phone, action)) return;
    const { jid, lid } = this.#context.directory.findAccount(phone) ?? { jid: `${phone}@s.whatsapp.net` };
    const item = lid === undefined ? { jid } : { jid: lid, pn_jid: jid };
    this.#context.notifications.blockList(this, { ...item, action }, hash, by);
  }

  setPicture(picture: PictureDescription | null): void {
    this.changePicture(picture ?? undefined);
  }

  /** @param by the device that did it; undefined for the phone. */
  changePicture(picture: PictureDescription | undefined, by?: DeviceRecord): void {
    const previous = this.profile.picture;
    this.profile.picture = picture;
    if (previous && !picture) this.#context.media.remove(previous.id);
    this.#context.notifications.picture(this, picture, by);
  }

  setPictureBehaviour(behaviour: PictureBehaviour): void {
    this.profile.pictureBehaviour = behaviour;
  }

  hidePicture(): void {
    this.setPictureBehaviour("hidden");
  }

  showPicture(): void {
    this.setPictureBehaviour("visible");
  }

  async sendMessage(toPhone: string, message: proto.IMessage, by?: Addressing): Promise<string> {
    return this.#context.phones.send(this, this.#context.directory.account(toPhone), message, by);
  }

  async sendGroupMessage(groupJid: string, message: proto.IMessage): Promise<string> {
    return this.#context.phones.sendToGroup(this, this.#context.directory.requireGroup(groupJid), message);
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
    const receiver = this.#context.directory.account(toPhone);
    receiver.keepPrivacyToken(this.phone, { bytes: token, at: Number(t) });
    for (const device of receiver.devices) device.deliver(element("notification", attrs, [tokens]));
  }

  /** Beyond 10,000 the oldest is forgotten. */
  keepPrivacyToken(fromPhone: string, token: PrivacyToken): void {
    this.privacyTokens.delete(fromPhone);
    this.privacyTokens.set(fromPhone, token);
    const [oldest] = this.privacyTokens.keys();
    if (this.privacyTokens.size > MOST_TOKENS && oldest !== undefined) this.privacyTokens.delete(oldest);
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
