import { jidDecode, type proto } from "@whiskeysockets/baileys";
import type { Collection, Mutation } from "./collection.ts";

/** An entry of the phone's address book, by number or by JID. */
export interface ContactDescription {
  /** Digits. */
  readonly phone?: string;
  /** Of a phone number or a LID, instead of `phone`. */
  readonly jid?: string;
  readonly fullName: string;
  readonly firstName?: string;
  /** Digits. Default: the LID of the account with that number, if there is one. */
  readonly lid?: string;
}

/** A contact as the account's devices get it. */
export interface Contact {
  /** `5511999999999@s.whatsapp.net`, or `90…@lid` of a contact whose number is not known. */
  readonly jid: string;
  readonly lid: string | undefined;
  /** Digits. */
  readonly phone: string | undefined;
  readonly fullName: string | undefined;
  readonly firstName: string | undefined;
}

/** Finds both addresses of an account. */
export interface KnownAddresses {
  accountOf(jid: string): { readonly jid: string; readonly lid: string } | undefined;
}

/** Where contacts are kept, and which version their action has (rc14 Utils/chat-utils.ts). */
export const CONTACTS = "critical_unblock_low";
const ACTION_VERSION = 2;

/**
 * The change that saves a contact: index `["contact", jid]`, with the other address inside.
 * @throws Error when the description has neither phone nor JID, or a JID that is not of a phone number or LID.
 */
export function saving(description: ContactDescription, directory: KnownAddresses): Mutation {
  const jid = contactJid(description);
  const account = directory.accountOf(jid);
  const lid = description.lid === undefined ? account?.lid : `${description.lid}@lid`;
  const { fullName, firstName } = description;
  const other = isLid(jid) ? { pnJid: account?.jid ?? null } : { lidJid: lid ?? null };
  const contactAction = { fullName, firstName: firstName ?? null, saveOnPrimaryAddressbook: true, ...other };
  return contactMutation("set", jid, { contactAction });
}

/** @throws Error when it has neither phone nor JID. */
export function removing(contact: Pick<ContactDescription, "phone" | "jid">): Mutation {
  return contactMutation("remove", contactJid(contact), { contactAction: {} });
}

/** Every contact in a collection, in the order of saving. */
export function contactsIn({ records }: Collection): Contact[] {
  return [...records.values()].flatMap(({ index: [kind, jid], value }) => {
    const action = value.contactAction;
    if (kind !== "contact" || jid === undefined || !action) return [];
    const phoneJid = isLid(jid) ? action.pnJid : jid;
    return [
      {
        jid,
        lid: isLid(jid) ? jid : (action.lidJid ?? undefined),
        phone: phoneJid ? jidDecode(phoneJid)?.user : undefined,
        fullName: action.fullName ?? undefined,
        firstName: action.firstName ?? undefined,
      },
    ];
  });
}

function contactMutation(
  operation: Mutation["operation"],
  jid: string,
  value: proto.ISyncActionValue,
): Mutation {
  return {
    operation,
    index: ["contact", jid],
    value: { ...value, timestamp: Date.now() },
    version: ACTION_VERSION,
  };
}

function contactJid({ phone, jid }: Pick<ContactDescription, "phone" | "jid">): string {
  const named = jid ?? `${phone}@s.whatsapp.net`;
  if (!/^\d+@(s\.whatsapp\.net|lid)$/.test(named))
    throw new Error(`not the number or JID of a contact: ${named}`);
  return named;
}

function isLid(jid: string): boolean {
  return jid.endsWith("@lid");
}
