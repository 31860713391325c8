import { badRequest, itemNotFound, notAcceptable, type Reply, result } from "../../wire/iq-reply.ts";
import { element } from "../../wire/stanza.ts";
import type { ServerContext } from "../server-context.ts";
import type { IqHandler, SessionRequest } from "./iq-handler.ts";

/**
 * `blocklist`: the account's own. Items are addressed by LID, with the phone number in `pn_jid` (rc14 Socket/chats.ts
 * fetchBlocklist and updateBlockStatus); a change by phone number alone, as whatsmeow's UpdateBlocklist sends it, is
 * taken too. Both answer with the list, or only with `matched` when the client named its hash.
 *
 * A client that blocks by LID has to send the number, or that it is not known (zapo #208): else the reply is 400.
 */
export const blocklist: IqHandler = (request, context) =>
  request.stanza.attrs.type === "set" ? change(request, context) : list(request, request.child?.attrs.dhash);

function change({ child, account, device }: SessionRequest, { changes }: ServerContext): Reply {
  const { action, dhash } = child?.attrs ?? {};
  if (child?.tag !== "item" || (action !== "block" && action !== "unblock")) return badRequest;
  if (action === "block" && !isIdentified(child.attrs)) return badRequest;
  const phone = account.blockList.meant(child.attrs);
  if (phone === undefined) return itemNotFound;
  if (phone === account.phone) return notAcceptable;
  if (action === "block" && account.blockList.isFull) return notAcceptable;
  const knewHash = dhash === account.blockList.hash;
  changes.block(account, phone, action, device);
  return list({ account }, knewHash ? account.blockList.hash : undefined);
}

function isIdentified({ jid, pn_jid, unknown_identifier }: Record<string, string | undefined>): boolean {
  return jid?.endsWith("@lid") !== true || pn_jid !== undefined || unknown_identifier === "true";
}

function list({ account }: Pick<SessionRequest, "account">, knownHash: string | undefined): Reply {
  const { hash, items } = account.blockList;
  const matched = knownHash === hash;
  const attrs = { addressing_mode: "lid", matched: String(matched), dhash: hash };
  return result(element("list", attrs, matched ? [] : items));
}
