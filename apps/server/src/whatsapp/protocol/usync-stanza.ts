import {
  type BinaryNode,
  getAllBinaryNodeChildren,
  getBinaryNodeChild,
  getBinaryNodeChildren,
} from "./baileys.ts";
import { type Jid, parseJid } from "./jid.ts";

/** The protocols that a usync query may ask for each user. */
export type UsyncProtocol = "contact" | "lid" | "status" | "picture" | "devices" | "business";

/** The target of a usync query: the digits of a number that may be registered, or a JID. */
export type UsyncTarget = { readonly number: string } | { readonly jid: Jid };

/** WhatsApp's reply: the users, and the protocols for which it replied with an error instead. */
export type UsyncReply =
  | { readonly understood: true; readonly users: readonly BinaryNode[]; readonly errors: UsyncErrors }
  | { readonly understood: false; readonly why: string };

/** WhatsApp's codes, by the protocol that was refused. */
export type UsyncErrors = ReadonlyMap<string, number>;

/**
 * `<iq xmlns="usync">` with `mode="query" context="interactive"`, as Baileys rc14 (Socket/socket.js executeUSyncQuery,
 * onWhatsApp, Socket/chats.js fetchStatus) and whatsmeow's IsOnWhatsApp send it. whatsmeow's GetUserInfo says
 * `mode="full"`; together with `contact` that is how phones upload their address book, so it is not used here.
 *
 * A number is asked for with a leading `+` in `<contact>`, a JID or a LID in the user's `jid` (whatsmeow user.go usync).
 * @param sid any id that is not in use; it names the exchange
 */
export function usyncQuery(
  sid: string,
  protocols: readonly UsyncProtocol[],
  targets: readonly UsyncTarget[],
): BinaryNode {
  return {
    tag: "iq",
    attrs: { to: "@s.whatsapp.net", type: "get", xmlns: "usync" },
    content: [
      {
        tag: "usync",
        attrs: { sid, mode: "query", context: "interactive", index: "0", last: "true" },
        content: [
          { tag: "query", attrs: {}, content: protocols.map((protocol) => questions[protocol]) },
          { tag: "list", attrs: {}, content: targets.map(user) },
        ],
      },
    ],
  };
}

/**
 * Reads the answer: `<usync><result>` with one element per protocol, in which there may be an `<error code=…>`, and
 * `<list>` with one `<user>` per user that WhatsApp says something about.
 */
export function readUsync(reply: BinaryNode): UsyncReply {
  const usync = getBinaryNodeChild(reply, "usync");
  const list = getBinaryNodeChild(usync, "list");
  const errors = new Map(
    getAllBinaryNodeChildren(getBinaryNodeChild(usync, "result") ?? nothing).flatMap((protocol) => {
      const code = errorCodeIn(protocol);
      return code === undefined ? [] : [[protocol.tag, code] as const];
    }),
  );
  if (!list && errors.size === 0) return { understood: false, why: "a usync answer without a list" };
  return { understood: true, users: getBinaryNodeChildren(list, "user"), errors };
}

/** @returns the code of an `<error>` inside */
export function errorCodeIn(node: BinaryNode | undefined): number | undefined {
  const error = getBinaryNodeChild(node, "error");
  return error && Number(error.attrs.code);
}

/** The LID of `<lid val=…>`, as Baileys rc14 (USyncLIDProtocol) and whatsmeow's GetUserInfo read it. */
export function lidOf(user: BinaryNode): Jid | null {
  const lid = parseJid(getBinaryNodeChild(user, "lid")?.attrs.val ?? "");
  return lid?.endsWith("@lid") ? lid : null;
}

const nothing: BinaryNode = { tag: "", attrs: {} };

/** `devices` in version 2 and `business` with the name inside, as whatsmeow's GetUserInfo asks for them. */
const questions: Readonly<Record<UsyncProtocol, BinaryNode>> = {
  contact: { tag: "contact", attrs: {} },
  lid: { tag: "lid", attrs: {} },
  status: { tag: "status", attrs: {} },
  picture: { tag: "picture", attrs: {} },
  devices: { tag: "devices", attrs: { version: "2" } },
  business: { tag: "business", attrs: {}, content: [{ tag: "verified_name", attrs: {} }] },
};

function user(target: UsyncTarget): BinaryNode {
  if ("jid" in target) return { tag: "user", attrs: { jid: target.jid } };
  return {
    tag: "user",
    attrs: {},
    content: [{ tag: "contact", attrs: {}, content: `+${target.number}` }],
  };
}
