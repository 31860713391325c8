import { validationFailure } from "../../failures.ts";
import { type Jid, jidOfPhoneNumber, parseJid, parsePhoneNumber } from "../../whatsapp/jid.ts";
import type { Input, Operation } from "../operation.ts";
import { isTrue } from "../values.ts";

export const getContactProfilePicture: Operation<"getContactProfilePicture"> = async (
  { query, caller },
  { devices },
) => {
  const target = pictureTarget(query);
  const { pictures } = await devices.forCaller(caller, query.device_id);
  const size = isTrue(query.preview) ? "preview" : "image";
  return { status: 200, data: await pictures.find(target, { size, knownId: query.existing_id }) };
};

function pictureTarget(query: Input<"getContactProfilePicture">["query"]): Jid {
  if (query.jid !== undefined) {
    const parsed = parseJid(query.jid);
    if (parsed) return parsed;
    throw validationFailure({ field: "jid", message: "must be the JID of a user, a LID or a group" });
  }
  const digits = parsePhoneNumber(query.number);
  if (digits !== undefined) return jidOfPhoneNumber(digits);
  throw validationFailure({ field: "number", message: "must have 10 to 15 digits" });
}
