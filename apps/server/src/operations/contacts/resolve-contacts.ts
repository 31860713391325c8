import { Failure, validationFailure } from "../../failures.ts";
import { isGroup, type Jid, jidOfPhoneNumber, parseJid, parsePhoneNumber } from "../../whatsapp/jid.ts";
import type { Operation } from "../operation.ts";

export const resolveContacts: Operation<"resolveContacts"> = async (
  { query, body, caller, closed },
  { devices },
) => {
  const asked = body.inputs.map((input, index) => ({ input, target: targetOf(input, index) }));
  const { contacts } = await devices.forCaller(caller, query.device_id);
  const people = await contacts.resolve(
    asked.map(({ target }) => target),
    closed,
  );
  const items = asked.map(({ input, target }) => {
    const person = people.get(target);
    if (!person) throw new Failure("InternalError", { cause: "somebody who was asked for is missing" });
    return { input, ...person };
  });
  return { status: 200, data: { items } };
};

function targetOf(input: string, index: number): Jid {
  const jid = parseJid(input);
  if (jid && !isGroup(jid)) return jid;
  const digits = parsePhoneNumber(input);
  if (digits !== undefined) return jidOfPhoneNumber(digits);
  throw validationFailure({
    field: `inputs.${index}`,
    message: "must be the JID of a user, a LID, or a number of 10 to 15 digits",
  });
}
