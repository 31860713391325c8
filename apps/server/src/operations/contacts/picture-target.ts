import { validationFailure } from "../../kernel/failures.ts";
import { type Jid, jidOfPhoneNumber, parseJid } from "../../whatsapp/protocol/jid.ts";
import { phoneNumberIn } from "../phone-number.ts";

/** @returns whose picture a request means by `jid` or `number`; `jid` wins @throws Failure ValidationFailed */
export function pictureTarget(query: {
  readonly jid?: string | undefined;
  readonly number?: string | undefined;
}): Jid {
  if (query.jid !== undefined) {
    const parsed = parseJid(query.jid);
    if (parsed) return parsed;
    throw validationFailure({ field: "jid", message: "must be the JID of a user, a LID or a group" });
  }
  return jidOfPhoneNumber(phoneNumberIn("number", query.number ?? ""));
}
