import { randomBytes } from "node:crypto";
import type { BinaryNode, proto } from "@whiskeysockets/baileys";
import type { AccountState } from "../model/accounts/account-state.ts";
import { verifiedName } from "../model/accounts/business.ts";
import type { Addressing } from "../model/accounts/device-list.ts";
import type { DeviceRecord } from "../model/accounts/linked-device.ts";
import type { Directory } from "../model/directory.ts";
import type { SimulatorEvents } from "../model/events.ts";
import type { Group } from "../model/group.ts";
import { takeBundle } from "../model/signal/pre-key-exchange.ts";
import type { Ciphertext } from "../model/signal/virtual-phone.ts";
import { ProtocolError } from "../wire/protocol-error.ts";
import { element, unixSeconds } from "../wire/stanza.ts";
import { withSecret } from "./message-contents.ts";
import { type StanzaOfContent, stanzaOfContent } from "./message-stanza.ts";

/** A message on its way to a phone, still encrypted; `<enc>` elements in the order to read them. */
export interface EncryptedMessage {
  readonly id: string;
  readonly from: string;
  readonly chat: string;
  readonly fromMe: boolean;
  readonly encrypted: readonly BinaryNode[];
}

/** What the virtual phones (device 0 of each account) write and read. */
export class PhoneMessages {
  readonly #directory: Directory;
  readonly #events: SimulatorEvents;

  constructor(directory: Directory, events: SimulatorEvents) {
    this.#directory = directory;
    this.#events = events;
  }

  /** Decrypts into the inbox. What does not decrypt is an `error` event, as no caller waits for it. */
  async receive(account: AccountState, incoming: EncryptedMessage): Promise<void> {
    const { id, from, chat, fromMe } = incoming;
    for (const encrypted of incoming.encrypted)
      try {
        const { message, encryption } = await decrypt(account, incoming, encrypted);
        const copy = message.deviceSentMessage?.message;
        const shown = copy ?? message;
        if (onlyCarriesSenderKey(shown)) continue;
        account.secrets.keep(id, shown.messageContextInfo ?? message.messageContextInfo);
        const received = { id, from, chat, fromMe, encryption, message: shown };
        account.inbox.add(received);
        this.#events.emit("message", { phone: account.phone, message: received });
      } catch (cause) {
        this.#events.report(new Error(`${account.phone} cannot read message ${id} from ${from}`, { cause }));
      }
  }

  /** Writes to the other phone and its devices, and a copy to the sender's own devices. */
  async send(
    sender: AccountState,
    to: AccountState,
    content: proto.IMessage,
    by?: Addressing,
  ): Promise<string> {
    const id = newMessageId();
    const message = withSecret(content);
    sender.secrets.keep(id, message.messageContextInfo);
    const stanza = stanzaOfContent(message);
    const attrs = { ...messageAttributes(sender, id), ...stanza.attrs };
    const copy = { deviceSentMessage: { destinationJid: to.jid, message } };
    if (to !== sender) {
      const encrypted = [await this.#encrypt(sender, to.jid, message, stanza)];
      await this.receive(to, { id, from: sender.jid, chat: sender.jid, fromMe: false, encrypted });
      for (const device of to.devices)
        device.deliver(
          element("message", { ...attrs, ...senderAttributes(sender, device, by) }, [
            await this.#encrypt(sender, device.jid, message, stanza),
            ...stanza.children,
            ...verifiedName(sender),
          ]),
        );
    }
    for (const device of sender.devices)
      device.deliver(
        element(
          "message",
          { ...attrs, ...senderAttributes(sender, device), ...copyAttributes(sender, device, to) },
          [await this.#encrypt(sender, device.jid, copy, stanza), ...stanza.children],
        ),
      );
    return id;
  }

  /** Writes to one of the sender's own devices alone, as phones do to manage their devices. */
  async sendToDevice(sender: AccountState, device: DeviceRecord, message: proto.IMessage): Promise<void> {
    const attrs = {
      id: newMessageId(),
      t: unixSeconds(),
      type: "text",
      category: "peer",
      ...senderAttributes(sender, device),
    };
    device.deliver(element("message", attrs, [await this.#encrypt(sender, device.jid, message)]));
  }

  /** Writes to all phones and devices of a group, each with the sender key in front. */
  async sendToGroup(sender: AccountState, group: Group, content: proto.IMessage): Promise<string> {
    if (!group.participants.includes(sender.phone)) throw new Error(`${sender.phone} is not in ${group.jid}`);
    const id = newMessageId();
    const message = withSecret(content);
    sender.secrets.keep(id, message.messageContextInfo);
    const stanza = stanzaOfContent(message);
    const attrs = {
      ...messageAttributes(sender, id),
      ...stanza.attrs,
      from: group.jid,
      participant: sender.jid,
      participant_lid: sender.lid,
      addressing_mode: "pn",
    };
    const { ciphertext, distribution } = await sender.signal.encryptForGroup(group.jid, sender.jid, message);
    const shared = enc("skmsg", ciphertext, stanza.encAttrs);
    for (const phone of group.participants) {
      const member = this.#directory.findAccount(phone);
      if (!member) continue;
      if (member !== sender) {
        const encrypted = [await this.#encrypt(sender, member.jid, distribution), shared];
        await this.receive(member, { id, from: sender.jid, chat: group.jid, fromMe: false, encrypted });
      }
      for (const device of member.devices)
        device.deliver(
          element("message", attrs, [
            await this.#encrypt(sender, device.jid, distribution),
            shared,
            ...stanza.children,
          ]),
        );
    }
    return id;
  }

  async #encrypt(
    sender: AccountState,
    jid: string,
    message: proto.IMessage,
    { encAttrs }: Pick<StanzaOfContent, "encAttrs"> = { encAttrs: {} },
  ): Promise<BinaryNode> {
    const { type, bytes } = await sender.signal.encrypt(jid, message, () => {
      const bundle = takeBundle(this.#directory, jid);
      if (!bundle) throw new Error(`${jid} has not uploaded its pre-keys yet`);
      return bundle;
    });
    return enc(type, bytes, encAttrs);
  }
}

async function decrypt(account: AccountState, { from, chat }: EncryptedMessage, encrypted: BinaryNode) {
  const { content } = encrypted;
  const encryption = encryptionOf(encrypted);
  if (!(content instanceof Uint8Array)) throw new ProtocolError("<enc> without bytes");
  const message =
    encryption === "skmsg"
      ? await account.signal.decryptFromGroup(chat, from, content)
      : await account.signal.decrypt(from, { type: encryption, bytes: content });
  return { message, encryption };
}

function encryptionOf({ attrs }: BinaryNode): Ciphertext["type"] | "skmsg" {
  const { type } = attrs;
  if (type !== "pkmsg" && type !== "msg" && type !== "skmsg")
    throw new ProtocolError(`unknown encryption ${type}`);
  return type;
}

/** A message that only carries the sender key; the group's message itself comes with it. */
function onlyCarriesSenderKey(message: proto.IMessage): boolean {
  const carried = Object.entries(message).filter(([, value]) => value !== null && value !== undefined);
  return (
    carried.some(([name]) => name === "senderKeyDistributionMessage") &&
    carried.every(([name]) => name === "senderKeyDistributionMessage" || name === "messageContextInfo")
  );
}

function enc(type: string, bytes: Uint8Array, attrs: Readonly<Record<string, string>> = {}): BinaryNode {
  return element("enc", { v: "2", type, ...attrs }, bytes);
}

function messageAttributes(sender: AccountState, id: string): Record<string, string> {
  return { id, t: unixSeconds(), type: "text", notify: sender.name };
}

/**
 * A phone writes from the address by which the device has its session with it, with the other one beside it (rc14
 * Utils/decode-wa-message.ts extractAddressingContext): clients that keep a session for each address, as zapo does, find
 * none for a message that comes from the other one.
 */
function senderAttributes(
  sender: AccountState,
  device: DeviceRecord,
  by: Addressing = sender.writtenFromLid.has(device.jid) ? "lid" : "jid",
): Record<string, string> {
  return by === "lid"
    ? { from: sender.lid, sender_pn: sender.jid }
    : { from: sender.jid, sender_lid: sender.lid };
}

/** The receiver of a message, for the copies to the sender's own devices. */
function copyAttributes(
  sender: AccountState,
  device: DeviceRecord,
  to: AccountState,
): Record<string, string> {
  return sender.writtenFromLid.has(device.jid)
    ? { recipient: to.lid, recipient_pn: to.jid }
    : { recipient: to.jid };
}

/** Shaped as phones make them, so that Baileys takes the sender for one. */
function newMessageId(): string {
  return randomBytes(16).toString("hex").toUpperCase();
}
