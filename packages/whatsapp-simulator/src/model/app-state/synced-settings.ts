import { randomBytes } from "node:crypto";
import { getBinaryNodeChild } from "@whiskeysockets/baileys";
import { element, SERVER_JID, unixSeconds } from "../../wire/stanza.ts";
import type { AccountDescription } from "../accounts/account-description.ts";
import type { DeviceRecord } from "../accounts/linked-device.ts";
import { AppState, type SavedAppState } from "./app-state.ts";
import type { Collection, CollectionName, Mutation } from "./collection.ts";
import {
  CONTACTS,
  type Contact,
  type ContactDescription,
  contactsIn,
  type KnownAddresses,
  removing,
  saving,
} from "./contacts.ts";

/** The account that the settings belong to. */
interface SettingsOwner {
  readonly name: string;
  readonly description: Pick<AccountDescription, "contacts">;
  readonly devices: readonly DeviceRecord[];
}

/** What an account's phone shares with its devices through app state, and what they push back. */
export class SyncedSettings {
  readonly #owner: SettingsOwner;
  readonly #directory: KnownAddresses;
  #state: AppState | undefined;

  /** @param saved of an earlier run, which then counts more than the account's description. */
  constructor(owner: SettingsOwner, directory: KnownAddresses, saved?: SavedAppState) {
    this.#owner = owner;
    this.#directory = directory;
    this.#state = saved && new AppState(saved);
  }

  /** Made on first use, so that the described contacts' accounts have been added by then. */
  get state(): AppState {
    if (this.#state) return this.#state;
    const state = new AppState();
    state.get("critical_block").write([pushName(this.#owner.name)]);
    const contacts = this.#owner.description.contacts ?? [];
    state.get(CONTACTS).write(contacts.map((contact) => saving(contact, this.#directory)));
    this.#state = state;
    return state;
  }

  get contacts(): Contact[] {
    return contactsIn(this.state.get(CONTACTS));
  }

  saveContact(contact: ContactDescription): void {
    this.#write(CONTACTS, saving(contact, this.#directory));
  }

  removeContact(contact: Pick<ContactDescription, "phone" | "jid">): void {
    this.#write(CONTACTS, removing(contact));
  }

  setPushName(name: string): void {
    this.#write("critical_block", pushName(name));
  }

  /** Notifies the account's devices, all but one, that a collection has changed (rc14 messages-recv.ts server_sync). */
  announce({ name, version }: Collection, except?: DeviceRecord): void {
    const collection = element("collection", { name, version: String(version) });
    const attrs = {
      from: SERVER_JID,
      type: "server_sync",
      id: randomBytes(8).toString("hex"),
      t: unixSeconds(),
    };
    for (const device of this.#owner.devices) {
      if (device === except) continue;
      // An absent device need not get each version.
      device.withdraw((stanza) => getBinaryNodeChild(stanza, "collection")?.attrs.name === name);
      device.deliver(element("notification", attrs, [collection]));
    }
  }

  /** Undefined as long as it was not read: the description will bring it again. */
  save(): SavedAppState | undefined {
    return this.#state?.save();
  }

  #write(name: CollectionName, mutation: Mutation): void {
    const collection = this.state.get(name);
    if (collection.write([mutation])) this.announce(collection);
  }
}

function pushName(name: string): Mutation {
  return {
    operation: "set",
    index: ["setting_pushName"],
    value: { pushNameSetting: { name }, timestamp: Date.now() },
    version: 1,
  };
}
