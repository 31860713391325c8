import { validationFailure } from "../../kernel/failures.ts";
import { isGroup, type Jid, parseJid } from "../../whatsapp/protocol/jid.ts";

/** @returns the group that a path names @throws Failure ValidationFailed */
export function groupIn({ jid }: { readonly jid: string }): Jid {
  const parsed = parseJid(jid);
  if (parsed && isGroup(parsed)) return parsed;
  throw validationFailure({ field: "jid", message: "must be the JID of a group" });
}
