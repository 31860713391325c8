import {
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
} from "../../../whatsapp/protocol/baileys.ts";
import { isGroup, isLid, isPhoneNumberJid, type Person, parseJid } from "../../../whatsapp/protocol/jid.ts";

export type BlockAction = "block" | "unblock";

/** `<iq xmlns="blocklist" type="get">`, as Baileys rc14's fetchBlocklist and whatsmeow's GetBlocklist send it. */
export function blockListQuery(): BinaryNode {
  return { tag: "iq", attrs: { to: "@s.whatsapp.net", type: "get", xmlns: "blocklist" } };
}

/**
 * `<iq xmlns="blocklist" type="set"><item>`. To block a contact, WhatsApp wants the LID and the number beside it, else it
 * says 400; to unblock, the LID alone will do (Baileys rc14's updateBlockStatus, whatsapp-rust #600). An unknown number
 * has to be marked as such, and a contact that has no LID yet goes by number (zapo #208). `dhash` names the list that is
 * known; it is not needed (whatsmeow #1137).
 */
export function blockChange(action: BlockAction, person: Person): BinaryNode {
  return {
    tag: "iq",
    attrs: { to: "@s.whatsapp.net", type: "set", xmlns: "blocklist" },
    content: [{ tag: "item", attrs: { action, ...namesOf(person, action) } }],
  };
}

/**
 * Reads `<list><item jid=… pn_jid=…>`. Items of kinds that this server does not know are left out.
 * @returns `undefined` when the reply is not understood
 */
export function readBlockList(reply: BinaryNode): Person[] | undefined {
  const list = getBinaryNodeChild(reply, "list");
  if (!list) return undefined;
  return getBinaryNodeChildren(list, "item").flatMap(({ attrs }): Person[] => {
    const [jid, number] = [parseJid(attrs.jid ?? ""), parseJid(attrs.pn_jid ?? "")];
    if (!jid || isGroup(jid)) return [];
    if (!isLid(jid)) return [{ jid, lid: null }];
    return [{ jid: number && isPhoneNumberJid(number) ? number : null, lid: jid }];
  });
}

function namesOf(person: Person, action: BlockAction): Record<string, string> {
  if (person.lid === null) return { jid: person.jid };
  if (action === "unblock") return { jid: person.lid };
  return {
    jid: person.lid,
    ...(person.jid === null ? { unknown_identifier: "true" } : { pn_jid: person.jid }),
  };
}
