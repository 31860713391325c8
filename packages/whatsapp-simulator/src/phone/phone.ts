import { randomBytes } from "node:crypto";
import type { proto } from "@whiskeysockets/baileys";
import { type AccountState, lidOf } from "../model/accounts/account-state.ts";
import type { BlockAction } from "../model/accounts/block-list.ts";
import type { Addressing } from "../model/accounts/device-list.ts";
import type { ReceivedMessage } from "../model/accounts/inbox.ts";
import type { DeviceRecord } from "../model/accounts/linked-device.ts";
import type { Contact, ContactDescription } from "../model/app-state/contacts.ts";
import type { Directory } from "../model/directory.ts";
import type { PictureBehaviour, PictureDescription } from "../model/picture.ts";
import type { SecretTarget } from "../model/signal/message-secret.ts";
import { VirtualPhone } from "../model/signal/virtual-phone.ts";
import type { Account, MessageTarget, VoteAddressing } from "./account.ts";
import { edit, pin, poll, reaction, revocation, secretEdit, vote } from "./message-contents.ts";
import type { PhoneMessages } from "./phone-messages.ts";

/** What a phone needs of WhatsApp's servers. */
export interface PhoneServers {
  readonly directory: Directory;
  readonly qrPairings: { scan(account: AccountState, text: string): Promise<DeviceRecord> };
  readonly codePairings: { enter(account: AccountState, typed: string): Promise<DeviceRecord> };
  readonly phoneMessages: PhoneMessages;
  readonly changes: {
    unlink(account: AccountState, device: DeviceRecord): void;
    about(account: AccountState, text: string): void;
    block(account: AccountState, phone: string, action: BlockAction): void;
    picture(account: AccountState, picture: PictureDescription | undefined): void;
    givePrivacyToken(giver: AccountState, receiver: AccountState, token: Uint8Array): void;
  };
}

const MESSAGE_WAIT_MS = 5_000;

/** The phone of an account: acts on the account as its owner does, without a linked device. */
export class Phone implements Account {
  readonly #account: AccountState;
  readonly #servers: PhoneServers;

  constructor(account: AccountState, servers: PhoneServers) {
    this.#account = account;
    this.#servers = servers;
  }

  get phone(): string {
    return this.#account.phone;
  }

  get jid(): string {
    return this.#account.jid;
  }

  get lid(): string {
    return this.#account.lid;
  }

  get name(): string {
    return this.#account.name;
  }

  get about(): string {
    return this.#account.profile.about.text;
  }

  get blocked(): string[] {
    return this.#account.blockList.phones;
  }

  get picture(): PictureDescription | undefined {
    return this.#account.picture;
  }

  get pictureBehaviour(): PictureBehaviour {
    return this.#account.pictureBehaviour;
  }

  get devices(): DeviceRecord[] {
    return this.#account.devices;
  }

  get contacts(): Contact[] {
    return this.#account.contacts;
  }

  get inbox(): readonly ReceivedMessage[] {
    return this.#account.inbox.messages;
  }

  scanQr(qrText: string): Promise<DeviceRecord> {
    return this.#servers.qrPairings.scan(this.#account, qrText);
  }

  enterPairingCode(code: string): Promise<DeviceRecord> {
    return this.#servers.codePairings.enter(this.#account, code);
  }

  changeLid(lid: string): void {
    const account = this.#account;
    this.#servers.directory.changeLid(account, lidOf({ ...account.description, lid }));
    this.unlink();
    account.signal.close();
    account.signal = new VirtualPhone();
  }

  unlink(deviceId?: number): void {
    for (const device of this.devices)
      if (deviceId === undefined || device.id === deviceId)
        this.#servers.changes.unlink(this.#account, device);
  }

  saveContact(contact: ContactDescription): void {
    this.#account.settings.saveContact(contact);
  }

  removeContact(contact: Pick<ContactDescription, "phone" | "jid">): void {
    this.#account.settings.removeContact(contact);
  }

  setName(name: string): void {
    if (name === this.name) return;
    this.#account.profile.name = name;
    this.#account.settings.setPushName(name);
    this.#account.presence.announce();
  }

  setAbout(text: string): void {
    this.#servers.changes.about(this.#account, text);
  }

  block(phone: string): void {
    if (this.#account.blockList.isFull) throw new Error(`the block list of ${this.phone} is full`);
    this.#servers.changes.block(this.#account, this.#servers.directory.account(phone).phone, "block");
  }

  unblock(phone: string): void {
    this.#servers.changes.block(this.#account, phone, "unblock");
  }

  setPicture(picture: PictureDescription | null): void {
    this.#servers.changes.picture(this.#account, picture ?? undefined);
  }

  setPictureBehaviour(behaviour: PictureBehaviour): void {
    this.#account.profile.pictureBehaviour = behaviour;
  }

  hidePicture(): void {
    this.setPictureBehaviour("hidden");
  }

  showPicture(): void {
    this.setPictureBehaviour("visible");
  }

  async sendMessage(toPhone: string, message: proto.IMessage, by?: Addressing): Promise<string> {
    const { directory, phoneMessages } = this.#servers;
    return phoneMessages.send(this.#account, directory.account(toPhone), message, by);
  }

  async sendGroupMessage(groupJid: string, message: proto.IMessage): Promise<string> {
    const { directory, phoneMessages } = this.#servers;
    return phoneMessages.sendToGroup(this.#account, directory.requireGroup(groupJid), message);
  }

  react(chat: string, target: MessageTarget, text: string): Promise<string> {
    return this.#write(chat, reaction(this.#keyOf(chat, target), text));
  }

  edit(chat: string, target: MessageTarget, text: string): Promise<string> {
    return this.#write(chat, edit(this.#keyOf(chat, target), text));
  }

  async editSecretly(chat: string, target: MessageTarget, text: string): Promise<string> {
    return this.#write(chat, secretEdit(this.#keyOf(chat, target), text, this.#secretOf(target)));
  }

  revoke(chat: string, target: MessageTarget): Promise<string> {
    return this.#write(chat, revocation(this.#keyOf(chat, target)));
  }

  pin(chat: string, target: MessageTarget, seconds = 86_400): Promise<string> {
    return this.#write(chat, pin(this.#keyOf(chat, target), seconds));
  }

  sendPoll(chat: string, name: string, options: readonly string[], most = 0): Promise<string> {
    return this.#write(chat, poll(name, options, most));
  }

  async vote(
    chat: string,
    target: MessageTarget,
    chosen: readonly string[],
    addressing?: VoteAddressing,
  ): Promise<string> {
    return this.#write(chat, vote(this.#keyOf(chat, target), chosen, this.#secretOf(target, addressing)));
  }

  /** Writes into a chat: with an account, by its phone, or with a group, by its JID. */
  #write(chat: string, message: proto.IMessage): Promise<string> {
    return chat.endsWith("@g.us") ? this.sendGroupMessage(chat, message) : this.sendMessage(chat, message);
  }

  /** What this phone calls a message. */
  #keyOf(chat: string, { id, author }: MessageTarget): proto.IMessageKey {
    const { directory } = this.#servers;
    const fromMe = author === this.phone;
    if (!chat.endsWith("@g.us")) return { id, fromMe, remoteJid: directory.account(chat).jid };
    return { id, fromMe, remoteJid: chat, participant: directory.account(author).jid };
  }

  #secretOf(
    { id, author }: MessageTarget,
    { author: authorBy = "jid", voter = "jid" }: VoteAddressing = {},
  ): SecretTarget {
    const secret = this.#account.secrets.of(id);
    return {
      id,
      secret,
      author: this.#servers.directory.account(author)[authorBy],
      by: this.#account[voter],
    };
  }

  givePrivacyToken(toPhone: string, token: Uint8Array = randomBytes(16)): void {
    const { directory, changes } = this.#servers;
    changes.givePrivacyToken(this.#account, directory.account(toPhone), token);
  }

  waitForMessage(
    matches: (message: ReceivedMessage) => boolean = () => true,
    milliseconds = MESSAGE_WAIT_MS,
  ): Promise<ReceivedMessage> {
    return this.#account.inbox.next(matches, milliseconds);
  }
}
