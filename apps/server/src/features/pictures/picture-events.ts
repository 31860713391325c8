import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
} from "../../whatsapp/protocol/baileys.ts";
import { type Jid, parseJid } from "../../whatsapp/protocol/jid.ts";

/**
 * Tells whose pictures have changed, as soon as WhatsApp says so. rc14's own event, `contacts.update`, may come half a
 * minute later: it is held back with others while history comes in.
 * @param tell `undefined`: WhatsApp does not say whose
 */
export function tellPictureChanges(ws: Stanzas, tell: (whose: Jid | undefined) => void): void {
  ws.on("CB:notification,type:picture", (stanza) => {
    for (const whose of changedPictures(stanza)) tell(whose);
  });
  // What the account's phone does to its own picture (whatsmeow handleAccountSyncNotification).
  ws.on("CB:notification,type:account_sync", (stanza) => {
    if (getBinaryNodeChild(stanza, "picture")) tell(parseJid(stanza.attrs.from ?? ""));
  });
}

/** What comes in, as Baileys' WebSocket client emits it. */
interface Stanzas {
  on(event: string, listener: (stanza: BinaryNode) => void): unknown;
}

/**
 * Reads `<notification type="picture" from><set jid id author hash/>` or `<delete>`: whatsmeow takes the JID of each change,
 * rc14 the sender's. There may be a hash alone, of which nobody knows how it is made.
 * @returns whose picture each change is of, where it says that
 */
export function changedPictures(stanza: BinaryNode): readonly (Jid | undefined)[] {
  const changes = getAllBinaryNodeChildren(stanza);
  if (changes.length === 0) return [undefined];
  return changes.map(({ attrs: { jid, hash } }) =>
    parseJid(jid ?? (hash === undefined ? stanza.attrs.from : undefined) ?? ""),
  );
}
