import type { SavedAppState } from "../app-state/app-state.ts";
import type { Mutation } from "../app-state/collection.ts";
import type { Contact } from "../app-state/contacts.ts";
import { SyncedSettings } from "../app-state/synced-settings.ts";
import type { Lifetime } from "../lifetime.ts";
import type { PictureBehaviour, PictureDescription, PictureOwner } from "../picture.ts";
import { type PhoneKeys, VirtualPhone } from "../signal/virtual-phone.ts";
import type { AccountDescription } from "./account-description.ts";
import { BlockList } from "./block-list.ts";
import { type Addressing, DeviceList } from "./device-list.ts";
import { Inbox } from "./inbox.ts";
import type { DeviceRecord } from "./linked-device.ts";
import { MessageSecrets } from "./message-secrets.ts";
import { Presence } from "./presence.ts";
import { Profile, type SavedProfile } from "./profile.ts";

/** State of an account that an earlier run saved. */
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

/** What an account needs of the simulator around it. */
export interface AccountContext {
  readonly lifetime: Lifetime;
  /** Finds the other accounts. */
  readonly directory: {
    findAccount(phone: string): AccountState | undefined;
    accountOf(jid: string): AccountState | undefined;
  };
}

/** The `<tctoken>` of a picture query about the account that gave it. */
export interface PrivacyToken {
  readonly bytes: Uint8Array;
  /** Unix seconds. */
  readonly at: number;
}

const MOST_TOKENS = 10_000;

/** The state of an account, as the servers and the phone together have it. */
export class AccountState implements PictureOwner {
  readonly phone: string;
  readonly jid: string;
  /** Changes when the number gets another owner: see `Directory.changeLid`. */
  lid: string;
  signal: VirtualPhone;
  /** By device id. */
  readonly linked = new Map<number, DeviceRecord>();
  readonly deviceList = new DeviceList(this);
  readonly inbox: Inbox;
  readonly secrets = new MessageSecrets();
  readonly settings: SyncedSettings;
  readonly presence = new Presence(this);
  /** Given to this account, by the phone of the account that gave it. */
  readonly privacyTokens: Map<string, PrivacyToken>;
  /** JIDs of the devices, of any account, that have their session with this phone by LID: the phone answers from it. */
  readonly writtenFromLid: Set<string>;
  /** Device ids are not given twice: sessions of other accounts with an old device must not meet a new one. */
  nextDeviceId = 1;
  readonly profile: Profile;
  blockList: BlockList;
  description: AccountDescription;
  readonly #keepsBlockList: boolean;
  readonly #context: AccountContext;

  constructor(description: AccountDescription, context: AccountContext, saved?: SavedAccountState) {
    this.#context = context;
    this.phone = description.phone;
    this.jid = `${description.phone}@s.whatsapp.net`;
    this.lid = lidOf(description);
    this.signal = new VirtualPhone(saved?.keys);
    this.inbox = new Inbox(context.lifetime);
    this.settings = new SyncedSettings(this, context.directory, saved?.appState);
    this.privacyTokens = new Map(saved?.privacyTokens);
    this.writtenFromLid = new Set(saved?.writtenFromLid);
    this.profile = new Profile(description, saved?.profile);
    this.description = description;
    this.#keepsBlockList = saved?.blocked !== undefined;
    this.blockList = new BlockList(context.directory, saved?.blocked ?? description.blocked ?? []);
  }

  get name(): string {
    return this.profile.name;
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

  /** @throws Error when it names another LID than the account has: devices and sessions depend on it. */
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

  /** Takes over what a device pushed to the app state, as far as the account itself consists of it. */
  adopt(mutations: readonly Mutation[]): void {
    for (const { operation, index, value } of mutations) {
      const name = value.pushNameSetting?.name;
      if (operation !== "set" || index[0] !== "setting_pushName" || !name) continue;
      this.profile.name = name;
      this.presence.announce();
    }
  }

  /** Beyond 10,000 the oldest is forgotten. */
  keepPrivacyToken(fromPhone: string, token: PrivacyToken): void {
    this.privacyTokens.delete(fromPhone);
    this.privacyTokens.set(fromPhone, token);
    const [oldest] = this.privacyTokens.keys();
    if (this.privacyTokens.size > MOST_TOKENS && oldest !== undefined) this.privacyTokens.delete(oldest);
  }
}

/** The LID that a description names, or the one derived from its phone. */
export function lidOf({ lid, phone }: AccountDescription): string {
  return `${lid ?? `9${phone.padStart(15, "0")}`}@lid`;
}
