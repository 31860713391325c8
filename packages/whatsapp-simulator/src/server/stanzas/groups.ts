import type { BinaryNode } from "@whiskeysockets/baileys";
import type { Group } from "../../model/group.ts";
import { itemNotFound, notImplemented, type Reply, result } from "../../wire/iq-reply.ts";
import { element, requireChild } from "../../wire/stanza.ts";
import type { ServerContext } from "../server-context.ts";
import type { IqHandler } from "./iq-handler.ts";
import { answerPicture } from "./profile-picture.ts";

const CREATED = "1700000000";

/**
 * `w:g2`: the groups one is in, one group, and the picture of a community (whatsmeow user.go
 * GetProfilePictureInfo: `<pictures><picture parent_group_jid/></pictures>`, answered inside `<pictures>`).
 * Attributes as rc14 Socket/groups.ts extractGroupMetadata reads them; proven on loopback.
 */
export const groups: IqHandler = ({ stanza, child, account }, context) => {
  if (child?.tag === "participating") {
    const own = context.directory.groups.filter(({ participants }) => participants.includes(account.phone));
    return result(
      element(
        "groups",
        {},
        own.map((group) => groupElement(group, context)),
      ),
    );
  }
  const group = context.directory.group(stanza.attrs.to ?? "");
  if (!group) return itemNotFound;
  if (child?.tag === "query") return result(groupElement(group, context));
  if (child?.tag === "pictures") return wrap(answerPicture(group, requireChild(child, "picture"), context));
  return notImplemented;
};

function wrap(reply: Reply): Reply {
  return reply.type === "result" ? result(element("pictures", {}, reply.content ?? [])) : reply;
}

function groupElement(group: Group, context: ServerContext): BinaryNode {
  const [creator] = group.participants;
  const owner = creator ? { creator: `${creator}@s.whatsapp.net`, s_o: `${creator}@s.whatsapp.net` } : {};
  const participants = group.participants.map((phone) => {
    const lid = context.directory.findAccount(phone)?.lid;
    return element("participant", {
      jid: `${phone}@s.whatsapp.net`,
      ...(lid ? { lid } : {}),
      ...(phone === creator ? { type: "superadmin" } : group.admins.includes(phone) ? { type: "admin" } : {}),
    });
  });
  const attrs = {
    id: group.jid.replace("@g.us", ""),
    subject: group.subject,
    creation: CREATED,
    s_t: CREATED,
    addressing_mode: "pn",
    ...owner,
  };
  return element("group", attrs, [...(group.community ? [element("parent")] : []), ...participants]);
}
