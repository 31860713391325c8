import type { AuthenticationState, BinaryNode, WASocket } from "./baileys.ts";
import { isGroup, isLid, isPhoneNumberJid, type Jid, parseJid, userOf } from "./jid.ts";

/** A token that lets a contact's picture be seen; the contact handed it out. */
export interface PrivacyToken {
  readonly token: Uint8Array;
  /** Unix seconds, as the contact's phone sent them. */
  readonly timestamp: string;
}

/**
 * Finds the token that a contact gave this account, in the local store only: asking WhatsApp for a LID just to look a
 * token up would cost a usync query each time (Baileys #2614 calls that a ban risk).
 *
 * Tokens are filed under the contact's LID where it is known, else under its JID, as Baileys rc14 stores them. Groups
 * have none, and with a token for the own picture WhatsApp never answers.
 * @param own the linked account's JIDs
 */
export async function findPrivacyToken(
  { keys }: AuthenticationState,
  target: Jid,
  own: readonly string[],
): Promise<PrivacyToken | undefined> {
  if (isGroup(target) || own.includes(target)) return undefined;
  let filedUnder: string = target;
  if (isPhoneNumberJid(target)) {
    const user = userOf(target);
    const lidUser = (await keys.get("lid-mapping", [user]))[user];
    if (typeof lidUser === "string") filedUnder = `${lidUser}@lid`;
  }
  const entry = (await keys.get("tctoken", [filedUnder]))[filedUnder];
  if (!entry?.timestamp || entry.token.length === 0 || isExpired(Number(entry.timestamp))) return undefined;
  return { token: entry.token, timestamp: entry.timestamp };
}

/**
 * Remembers whose token a notification brings. rc14 files it under the sender's LID but forgets which phone number that
 * is, although the notification says both; a query by number would then go without the token, and stay unanswered.
 */
export function learnSendersOfTokens({ ws, signalRepository }: WASocket): void {
  ws.on("CB:notification,type:privacy_token", ({ attrs }: BinaryNode) => {
    const [from, lid] = [parseJid(attrs.from ?? ""), parseJid(attrs.sender_lid ?? "")];
    if (!from || !lid || !isPhoneNumberJid(from) || !isLid(lid)) return;
    // In this order, as rc14 does when a message tells both: sessions are looked for under the LID from then on.
    signalRepository.lidMapping
      .storeLIDPNMappings([{ lid, pn: from }])
      .then(() => signalRepository.migrateSession(from, lid))
      // A failed write ends the connection anyway.
      .catch(() => undefined);
  });
}

/** A token is good in the week it was made and the three weeks after; weeks are counted from the epoch (Baileys rc14). */
function isExpired(timestamp: number): boolean {
  const week = 7 * 24 * 60 * 60;
  return !(Math.floor(timestamp / week) >= Math.floor(Date.now() / 1000 / week) - 3);
}
