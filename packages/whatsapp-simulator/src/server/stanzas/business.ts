import { type BinaryNode, getBinaryNodeChildren } from "@whiskeysockets/baileys";
import { businessProfile, verifiedName } from "../../model/accounts/business.ts";
import { badRequest, itemNotFound, type Reply, result } from "../../wire/iq-reply.ts";
import { element } from "../../wire/stanza.ts";
import type { ServerContext } from "../server-context.ts";
import type { IqHandler } from "./iq-handler.ts";

/** `w:biz`: the profiles and verified names of businesses. */
export const business: IqHandler = ({ stanza, child }, context) => {
  if (stanza.attrs.type !== "get") return badRequest;
  switch (child?.tag) {
    case "business_profile":
      return profiles(child, context);
    case "verified_name":
      return certificate(child.attrs.jid ?? stanza.attrs.to ?? "", context);
    default:
      return badRequest;
  }
};

/** An account that is no business is left out, and so is an unknown one (rc14 Socket/chats.ts getBusinessProfile). */
function profiles(question: BinaryNode, context: ServerContext): Reply {
  const found = getBinaryNodeChildren(question, "profile").flatMap(({ attrs: { jid = "" } }) => {
    const description = context.directory.accountOf(jid)?.description;
    const isBusiness = description?.businessName !== undefined || description?.business !== undefined;
    return isBusiness ? [businessProfile(jid, description.business ?? {})] : [];
  });
  return result(element("business_profile", { v: question.attrs.v ?? "244" }, found));
}

/**
 * `<verified_name jid/>` is answered with the certificate, and with nothing for an account that is no business, which zapo
 * reads as none (src/client/coordinators/WaBusinessCoordinator.ts getVerifiedName). No source says what WhatsApp
 * answers for an unknown account; here it is 404.
 */
function certificate(jid: string, context: ServerContext): Reply {
  const account = context.directory.accountOf(jid);
  return account ? result(...verifiedName(account)) : itemNotFound;
}
