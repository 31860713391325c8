import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
} from "../../whatsapp/protocol/baileys.ts";
import { type Jid, parseJid } from "../../whatsapp/protocol/jid.ts";
import type { WhatsAppEvents } from "../../whatsapp/socket/connection-events.ts";

/**
 * Subscribes to picture changes, as soon as WhatsApp reports them. rc14's own event, `contacts.update`, may come half a
 * minute later: rc14 holds it back with others while history comes in.
 * @param pictureChanged gets `undefined` when WhatsApp does not say whose picture changed. Resolves when the change is
 * recorded; until then the notification is not acknowledged
 */
export function subscribeToPictureChanges(
  events: Pick<WhatsAppEvents, "onStanza">,
  pictureChanged: (whose: Jid | undefined) => Promise<void>,
): void {
  events.onStanza("notification,type:picture", (stanza) =>
    Promise.all(pictureChangesIn(stanza).map(pictureChanged)),
  );
  // Changes that the account's phone makes to its own picture (whatsmeow handleAccountSyncNotification).
  events.onStanza("notification,type:account_sync", (stanza) =>
    getBinaryNodeChild(stanza, "picture") ? pictureChanged(parseJid(stanza.attrs.from ?? "")) : undefined,
  );
}

/**
 * Reads `<notification type="picture" from><set jid id author hash/>` or `<delete>`: whatsmeow takes the JID of each
 * change, rc14 the sender's. There may be a hash alone, and it is not known how WhatsApp computes it.
 * @returns the JID of each change, if the change has one
 */
export function pictureChangesIn(stanza: BinaryNode): readonly (Jid | undefined)[] {
  const changes = getAllBinaryNodeChildren(stanza);
  if (changes.length === 0) return [undefined];
  return changes.map(({ attrs: { jid, hash } }) =>
    parseJid(jid ?? (hash === undefined ? stanza.attrs.from : undefined) ?? ""),
  );
}
