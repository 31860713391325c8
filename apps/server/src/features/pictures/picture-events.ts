import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
} from "../../whatsapp/protocol/baileys.ts";
import { type Jid, parseJid } from "../../whatsapp/protocol/jid.ts";
import type { WhatsAppEvents } from "../../whatsapp/socket/connection-events.ts";

/**
 * Hears whose pictures have changed, as soon as WhatsApp says so. rc14's own event, `contacts.update`, may come half a minute
 * later: it is held back with others while history comes in.
 * @param pictureChanged `undefined`: WhatsApp does not say whose. Resolves when that is noted; until then WhatsApp is not told
 * that it has arrived
 */
export function subscribeToPictureChanges(
  events: Pick<WhatsAppEvents, "onStanza">,
  pictureChanged: (whose: Jid | undefined) => Promise<void>,
): void {
  events.onStanza("notification,type:picture", (stanza) =>
    Promise.all(pictureChangesIn(stanza).map(pictureChanged)),
  );
  // What the account's phone does to its own picture (whatsmeow handleAccountSyncNotification).
  events.onStanza("notification,type:account_sync", (stanza) =>
    getBinaryNodeChild(stanza, "picture") ? pictureChanged(parseJid(stanza.attrs.from ?? "")) : undefined,
  );
}

/**
 * Reads `<notification type="picture" from><set jid id author hash/>` or `<delete>`: whatsmeow takes the JID of each change,
 * rc14 the sender's. There may be a hash alone, of which nobody knows how it is made.
 * @returns whose picture each change is of, where it says that
 */
export function pictureChangesIn(stanza: BinaryNode): readonly (Jid | undefined)[] {
  const changes = getAllBinaryNodeChildren(stanza);
  if (changes.length === 0) return [undefined];
  return changes.map(({ attrs: { jid, hash } }) =>
    parseJid(jid ?? (hash === undefined ? stanza.attrs.from : undefined) ?? ""),
  );
}
