import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from "./baileys.ts";
import { type Jid, parseJid } from "./jid.ts";

/** Whether a phone number is on WhatsApp, and under which JID. */
export type Registration =
  | { readonly registered: true; readonly jid: Jid }
  | { readonly registered: false }
  | { readonly registered: undefined; readonly why: string };

/**
 * `<iq xmlns="usync">` with the `contact` protocol for one number, as Baileys rc14's onWhatsApp and whatsmeow's
 * IsOnWhatsApp send it: `mode="query" context="interactive"`, the number with a leading `+` in `<contact>`.
 * @param sid any id that is not in use; it names the exchange
 */
export function registrationQuery(digits: string, sid: string): BinaryNode {
  return {
    tag: "iq",
    attrs: { to: "@s.whatsapp.net", type: "get", xmlns: "usync" },
    content: [
      {
        tag: "usync",
        attrs: { sid, mode: "query", context: "interactive", index: "0", last: "true" },
        content: [
          { tag: "query", attrs: {}, content: [{ tag: "contact", attrs: {} }] },
          {
            tag: "list",
            attrs: {},
            content: [
              { tag: "user", attrs: {}, content: [{ tag: "contact", attrs: {}, content: `+${digits}` }] },
            ],
          },
        ],
      },
    ],
  };
}

/** Reads the answer: `<contact type="in">` is registered, under the user's `jid`; `type="out"` is not. */
export function readRegistration(reply: BinaryNode): Registration {
  const list = getBinaryNodeChild(getBinaryNodeChild(reply, "usync"), "list");
  const [user] = getBinaryNodeChildren(list, "user");
  const type = getBinaryNodeChild(user, "contact")?.attrs.type;
  if (type === "out") return { registered: false };
  const jid = parseJid(user?.attrs.jid ?? "");
  if (type === "in" && jid) return { registered: true, jid };
  return { registered: undefined, why: "a usync answer without the number that was asked" };
}
