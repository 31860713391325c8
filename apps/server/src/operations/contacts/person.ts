import { validationFailure } from "../../kernel/failures.ts";
import { isGroup, type Jid, jidOfPhoneNumber, parseJid } from "../../whatsapp/protocol/jid.ts";
import { phoneNumberIn } from "../phone-number.ts";

/** @returns whom a request means by `jid` or `number`; `jid` wins @throws Failure ValidationFailed */
export function personIn(query: {
  readonly jid?: string | undefined;
  readonly number?: string | undefined;
}): Jid {
  if (query.jid !== undefined) {
    const parsed = parseJid(query.jid);
    if (parsed && !isGroup(parsed)) return parsed;
    throw validationFailure({ field: "jid", message: "must be the JID of a user, or a LID" });
  }
  return jidOfPhoneNumber(phoneNumberIn("number", query.number ?? ""));
}
