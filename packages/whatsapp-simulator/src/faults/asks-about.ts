import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
  getBinaryNodeChildString,
} from "@whiskeysockets/baileys";
import type { StanzaMatcher } from "../wire/stanza-matcher.ts";

/** Picks usync queries about an account, by number, JID or LID, alone or among others. */
export function asksAbout({ phone, jid, lid }: { phone: string; jid: string; lid: string }): StanzaMatcher {
  const names: readonly (string | undefined)[] = [`+${phone}`, jid, lid];
  return (stanza) =>
    stanza.attrs.xmlns === "usync" &&
    usersIn(stanza).some(
      (user) => names.includes(user.attrs.jid) || names.includes(getBinaryNodeChildString(user, "contact")),
    );
}

function usersIn(stanza: BinaryNode): BinaryNode[] {
  const list = getBinaryNodeChild(getBinaryNodeChild(stanza, "usync"), "list");
  return list ? getAllBinaryNodeChildren(list) : [];
}
