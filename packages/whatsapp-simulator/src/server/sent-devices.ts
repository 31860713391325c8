import {
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  jidDecode,
} from "@whiskeysockets/baileys";
import type { AccountState } from "../model/accounts/account-state.ts";
import { type Addressing, deviceHash } from "../model/accounts/device-list.ts";
import type { Session } from "../model/accounts/session.ts";
import type { Directory } from "../model/directory.ts";

/**
 * The hash for the acknowledgement of a message that was not meant for the devices that there are: of the devices of both
 * sides, or of a group's members, in the addressing of the chat. The sender compares it with its own, and asks for the
 * device lists again (whatsmeow send.go SendMessage; zapo reads any `phash` as a difference).
 *
 * A client's own `phash` counts where it sends one, which whatsmeow does in groups. Else the devices that the message
 * names count; those of a group cannot be seen, as most of them have the sender key already.
 * @returns undefined when they agree, and for a message to one device alone: a peer message or a resend.
 */
export function differingHash(
  stanza: BinaryNode,
  to: string,
  sender: Session,
  directory: Directory,
): string | undefined {
  const participants = getBinaryNodeChild(stanza, "participants");
  if (!participants || stanza.attrs.participant || stanza.attrs.category === "peer") return undefined;
  const members = chatMembers(to, sender, directory);
  if (!members) return undefined;
  const by: Addressing = to.endsWith("@lid") ? "lid" : "jid";
  const hash = deviceHash(members.flatMap(({ deviceList }) => deviceList.addresses(by)));
  if (stanza.attrs.phash !== undefined) return stanza.attrs.phash === hash ? undefined : hash;
  if (to.endsWith("@g.us")) return undefined;
  const named = getBinaryNodeChildren(participants, "to").map(({ attrs }) => attrs.jid ?? "");
  const addressed = new Set([sender.device.jid, ...named].map((jid) => phoneAddress(jid, directory)));
  const present = members.flatMap(({ deviceList }) => deviceList.addresses("jid"));
  return present.length === addressed.size && present.every((jid) => addressed.has(jid)) ? undefined : hash;
}

/** The accounts whose devices a message is for; undefined for an unknown address. */
function chatMembers(to: string, { account }: Session, directory: Directory): AccountState[] | undefined {
  const group = directory.group(to);
  if (group) return group.participants.flatMap((phone) => directory.findAccount(phone) ?? []);
  const other = directory.accountOf(to);
  return other && [...new Set([other, account])];
}

/** The address by phone number of a device that may be addressed by LID. */
function phoneAddress(jid: string, directory: Directory): string {
  return directory.accountOf(jid)?.deviceJid(jidDecode(jid)?.device ?? 0) ?? jid;
}
