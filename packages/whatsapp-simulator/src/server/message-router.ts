import {
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  jidDecode,
} from "@whiskeysockets/baileys";
import { verifiedName } from "../model/accounts/business.ts";
import type { Session } from "../model/accounts/session.ts";
import type { Directory } from "../model/directory.ts";
import type { PhoneMessages } from "../phone/phone-messages.ts";
import { ProtocolError } from "../wire/protocol-error.ts";
import { element, requireAttribute, requireChild, unixSeconds } from "../wire/stanza.ts";
import type { Client } from "./client.ts";
import { differingHash } from "./sent-devices.ts";

/** The parts of one message that are for one device. */
interface Recipient {
  readonly jid: string;
  readonly encrypted: BinaryNode[];
}

/**
 * Passes on what linked devices send, without being able to read it: to each device named in `<participants>`,
 * and a group's `skmsg` to every device of every member (rc14 Socket/messages-send.ts relayMessage; proven on
 * loopback for pkmsg, msg, own-device copies and skmsg).
 */
export class MessageRouter {
  readonly #directory: Directory;
  readonly #phones: PhoneMessages;

  constructor(directory: Directory, phones: PhoneMessages) {
    this.#directory = directory;
    this.#phones = phones;
  }

  /** Acknowledges a client's `<message>`, with a `phash` where it went to other devices than there are, and passes it on. */
  async route(connection: Client, stanza: BinaryNode): Promise<void> {
    const { session } = connection;
    if (!session) throw new ProtocolError("a message before login");
    const to = requireAttribute(stanza, "to");
    const id = requireAttribute(stanza, "id");
    const phash = differingHash(stanza, to, session, this.#directory);
    const attrs = { class: "message", id, from: to, t: unixSeconds(), ...(phash ? { phash } : {}) };
    connection.send(element("ack", attrs));
    for (const recipient of this.#recipients(stanza, to, session))
      await this.#deliver(recipient, stanza, to, session);
  }

  #recipients(stanza: BinaryNode, to: string, session: Session): Recipient[] {
    const recipients = new Map<string, Recipient>();
    const add = (jid: string, encrypted: BinaryNode) => {
      const account = this.#directory.accountOf(jid);
      const key = account?.deviceJid(jidDecode(jid)?.device ?? 0) ?? jid;
      const known = recipients.get(key);
      if (known) known.encrypted.push(encrypted);
      else recipients.set(key, { jid, encrypted: [encrypted] });
    };
    for (const part of getBinaryNodeChildren(getBinaryNodeChild(stanza, "participants"), "to"))
      add(requireAttribute(part, "jid"), requireChild(part, "enc"));
    for (const encrypted of getBinaryNodeChildren(stanza, "enc")) {
      // Beside a group's skmsg, an <enc> without participants is for the one device in `to`: a peer message or
      // a resend.
      if (encrypted.attrs.type !== "skmsg") add(stanza.attrs.participant ?? to, encrypted);
      else for (const jid of this.#groupDevices(to, session)) add(jid, encrypted);
    }
    return [...recipients.values()];
  }

  #groupDevices(group: string, sender: Session): string[] {
    const phones = this.#directory.group(group)?.participants ?? [];
    return phones.flatMap((phone) => {
      const account = this.#directory.findAccount(phone);
      if (!account) return [];
      const devices = [account.jid, ...account.devices.map(({ jid }) => jid)];
      return devices.filter((jid) => jid !== sender.device.jid);
    });
  }

  async #deliver(recipient: Recipient, sent: BinaryNode, to: string, sender: Session): Promise<void> {
    const account = this.#directory.accountOf(recipient.jid);
    if (!account) return;
    const deviceId = jidDecode(recipient.jid)?.device ?? 0;
    if (deviceId === 0) {
      const { device } = sender;
      const isOwn = sender.account === account;
      if (!isGroup(to)) account.answersFrom(device, recipient.jid.endsWith("@lid") ? "lid" : "jid");
      await this.#phones.receive(account, {
        id: sent.attrs.id ?? "",
        from: device.jid,
        chat: isOwn || isGroup(to) ? to : sender.account.jid,
        fromMe: isOwn,
        encrypted: recipient.encrypted,
      });
      return;
    }
    const identity = getBinaryNodeChild(sent, "device-identity");
    const attrs = {
      id: sent.attrs.id ?? "",
      t: unixSeconds(),
      type: sent.attrs.type ?? "text",
      notify: sender.account.name,
      ...senderAttributes(sender, recipient.jid, to),
      ...(sender.account === account && !isGroup(to) ? { recipient: to } : {}),
      ...(sent.attrs.category ? { category: sent.attrs.category } : {}),
    };
    const content = [
      ...recipient.encrypted,
      ...(identity ? [identity] : []),
      ...verifiedName(sender.account),
    ];
    account.linked.get(deviceId)?.deliver(element("message", attrs, content));
  }
}

/**
 * Who sent it, in the addressing that the sender used for this device, with the other address beside it (rc14
 * Utils/decode-wa-message.ts extractAddressingContext). Without the LID, rc14 asks for it at each message.
 */
function senderAttributes(
  { account, device }: Session,
  recipientJid: string,
  to: string,
): Record<string, string> {
  if (isGroup(to))
    return { from: to, participant: device.jid, participant_lid: account.lid, addressing_mode: "pn" };
  return recipientJid.endsWith("@lid")
    ? { from: device.lid, sender_pn: account.jid }
    : { from: device.jid, sender_lid: account.lid };
}

function isGroup(jid: string): boolean {
  return jid.endsWith("@g.us");
}
