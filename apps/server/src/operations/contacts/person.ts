import { validationFailure } from "../../failures.ts";
import { isGroup, type Jid, jidOfPhoneNumber, parseJid, parsePhoneNumber } from "../../whatsapp/jid.ts";

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
  const digits = parsePhoneNumber(query.number ?? "");
  if (digits !== undefined) return jidOfPhoneNumber(digits);
  throw validationFailure({ field: "number", message: "must have 10 to 15 digits" });
}
