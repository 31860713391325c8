/** A JID without a device part, of a kind that this server asks WhatsApp about. */
export type Jid = `${string}@${"s.whatsapp.net" | "lid" | "g.us"}`;

/**
 * Reads a JID as WhatsApp writes it, dropping a device part (`5511999999999:3@s.whatsapp.net`).
 * @returns `undefined` for what is no JID of a user, a LID or a group
 */
export function parseJid(text: string): Jid | undefined {
  const user = /^(\d{5,20})(?::\d{1,4})?@(s\.whatsapp\.net|lid)$/.exec(text);
  if (user) return `${user[1] ?? ""}@${user[2] === "lid" ? "lid" : "s.whatsapp.net"}`;
  const group = /^(\d{10,25}(?:-\d{5,15})?)@g\.us$/.exec(text);
  return group ? `${group[1] ?? ""}@g.us` : undefined;
}

/** @returns the JID that a phone number's digits stand for; WhatsApp may know the person under another one */
export function jidOfPhoneNumber(digits: string): Jid {
  return `${digits}@s.whatsapp.net`;
}

export const isPhoneNumberJid = (jid: Jid): boolean => jid.endsWith("@s.whatsapp.net");
export const isLid = (jid: Jid): boolean => jid.endsWith("@lid");
export const isGroup = (jid: Jid): boolean => jid.endsWith("@g.us");

/** @returns what stands before the `@`: the digits of a phone number, a LID or a group */
export function userOf(jid: Jid): string {
  return jid.slice(0, jid.indexOf("@"));
}

/** A person, by the known ids: a JID by phone number, a LID, or both. */
export type Person =
  | { readonly jid: Jid; readonly lid: Jid }
  | { readonly jid: Jid; readonly lid: null }
  | { readonly jid: null; readonly lid: Jid };
