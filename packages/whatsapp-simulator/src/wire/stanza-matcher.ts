import { type BinaryNode, getAllBinaryNodeChildren, getBinaryNodeChild } from "@whiskeysockets/baileys";
import type { ConnectionInfo } from "./connection-info.ts";

/** Picks stanzas: by kind, as {@link stanzaKinds} names them, or by a function of the stanza and its connection. */
export type StanzaMatcher = string | ((stanza: BinaryNode, connection: ConnectionInfo) => boolean);

/** Kinds are made of what a client sent, so they are cut. */
const LONGEST_KIND = 120;

/**
 * The kinds that a stanza is of. The first is its tag, xmlns and type, as far as it has them:
 * `iq w:profile:picture get`, `message text`, `presence available`. The others add what is inside:
 * `iq encrypt get/count`, `iq md set/link_code_companion_reg`, and for usync each protocol that is asked for:
 * `iq usync get/contact`, `iq usync get/lid`.
 */
export function stanzaKinds(stanza: BinaryNode): string[] {
  const { xmlns, type } = stanza.attrs;
  const kind = [stanza.tag, xmlns, type].filter((part) => part).join(" ");
  const inside = new Set(asked(stanza).map(({ tag }) => `${kind}/${tag}`.slice(0, LONGEST_KIND)));
  return [kind.slice(0, LONGEST_KIND), ...inside];
}

export function matches(matcher: StanzaMatcher, stanza: BinaryNode, connection: ConnectionInfo): boolean {
  return typeof matcher === "string" ? stanzaKinds(stanza).includes(matcher) : matcher(stanza, connection);
}

function asked(stanza: BinaryNode): BinaryNode[] {
  const query = getBinaryNodeChild(getBinaryNodeChild(stanza, "usync"), "query");
  return getAllBinaryNodeChildren(query ?? stanza);
}
