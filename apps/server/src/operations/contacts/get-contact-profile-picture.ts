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

/** OpenAPI 3.1 cannot say "one of two parameters is required" in a form that the validators take, so it is said here. */
function pictureTarget({ jid, number }: Input<"getContactProfilePicture">["query"]): Jid {
  if (jid !== undefined) {
    const parsed = parseJid(jid);
    if (parsed) return parsed;
    throw validationFailure({ field: "jid", message: "must be the JID of a user, a LID or a group" });
  }
  if (number !== undefined) {
    const digits = parsePhoneNumber(number);
    if (digits !== undefined) return jidOfPhoneNumber(digits);
    throw validationFailure({ field: "number", message: "must have 10 to 15 digits" });
  }
  const message = "either jid or number is required";
  throw validationFailure({ field: "jid", message }, { field: "number", message });
}
