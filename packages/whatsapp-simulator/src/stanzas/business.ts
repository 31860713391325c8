import { getBinaryNodeChildren } from "@whiskeysockets/baileys";
import { businessProfile } from "../people/business.ts";
import { element } from "../stanza.ts";
import { badRequest, type IqHandler, result } from "./reply.ts";

/** `w:biz`: the profiles of businesses; who is none, or nobody, is left out (rc14 Socket/chats.ts getBusinessProfile). */
export const business: IqHandler = ({ stanza, child }, world) => {
  if (stanza.attrs.type !== "get" || child?.tag !== "business_profile") return badRequest;
  const profiles = getBinaryNodeChildren(child, "profile").flatMap(({ attrs: { jid = "" } }) => {
    const description = world.directory.accountOf(jid)?.description;
    const isBusiness = description?.businessName !== undefined || description?.business !== undefined;
    return isBusiness ? [businessProfile(jid, description.business ?? {})] : [];
  });
  return result(element("business_profile", { v: child.attrs.v ?? "244" }, profiles));
};
