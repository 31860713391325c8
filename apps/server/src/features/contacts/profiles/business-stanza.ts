import type { BusinessProfile } from "@wuts/contract";
import {
  type BinaryNode,
  getBinaryNodeChild,
  getBinaryNodeChildren,
} from "../../../whatsapp/protocol/baileys.ts";
import { type Jid, parseJid } from "../../../whatsapp/protocol/jid.ts";
import { textOf } from "../../../whatsapp/protocol/node-text.ts";

/** A business profile; `undefined` when the reply is not understood, `null` when the business has none. */
export type BusinessReply = BusinessProfile | null | undefined;

/** `<iq xmlns="w:biz"><business_profile v="244">`, as whatsmeow's GetBusinessProfile and Baileys rc14 send it. */
export function businessProfileQuery(jid: Jid): BinaryNode {
  return {
    tag: "iq",
    attrs: { to: "@s.whatsapp.net", type: "get", xmlns: "w:biz" },
    content: [
      {
        tag: "business_profile",
        attrs: { v: "244" },
        content: [{ tag: "profile", attrs: { jid } }],
      },
    ],
  };
}

/** Reads the reply, elements as in whatsmeow's parseBusinessProfile and Baileys rc14's getBusinessProfile. */
export function readBusinessProfile(reply: BinaryNode, asked: Jid): BusinessReply {
  const answer = getBinaryNodeChild(reply, "business_profile");
  if (!answer) return undefined;
  const profile = getBinaryNodeChild(answer, "profile");
  if (!profile) return null;
  if (parseJid(profile.attrs.jid ?? "") !== asked) return undefined;
  const text = (tag: string, maxLength: number) => textOf(getBinaryNodeChild(profile, tag), maxLength);
  return {
    description: text("description", 4_096),
    address: text("address", 1_024),
    email: text("email", 320),
    categories: texts(getBinaryNodeChildren(getBinaryNodeChild(profile, "categories"), "category"), 256),
    websites: texts(getBinaryNodeChildren(profile, "website"), 2_048),
  };
}

function texts(nodes: readonly BinaryNode[], maxLength: number): string[] {
  return nodes
    .slice(0, mostListed)
    .map((node) => textOf(node, maxLength))
    .filter((text) => text !== null);
}

/** The apps take three categories and two web sites. */
const mostListed = 10;
