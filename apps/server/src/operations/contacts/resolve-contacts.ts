import { Failure } from "../../kernel/failures.ts";
import { isGroup, type Jid, jidOfPhoneNumber, parseJid } from "../../whatsapp/protocol/jid.ts";
import type { Operation } from "../operation.ts";
import { readPhoneNumber } from "../phone-number.ts";

export const resolveContacts: Operation<"resolveContacts"> = async (
  { query, body, caller, signal },
  { devices },
) => {
  const asked = body.inputs.map((input) => ({ input, ...readTarget(input) }));
  const { contacts } = await devices.forCaller(caller, query.device_id);
  const identities = await contacts.resolve(
    asked.flatMap(({ target }) => target ?? []),
    signal,
  );
  const items = asked.map(({ input, target, problem }) => {
    if (target === undefined)
      return { input, ...unknown, error_code: "VALIDATION_ERROR" as const, error: problem };
    const person = identities.get(target);
    if (!person) throw new Failure("InternalError", { cause: "a contact that was asked for is missing" });
    return { input, ...person, error_code: null, error: null };
  });
  return { status: 200, data: { items } };
};

const unknown = {
  found: false,
  jid: null,
  lid: null,
  phone_number: null,
  full_name: null,
  push_name: null,
} as const;

type Target =
  | { readonly target: Jid; readonly problem?: undefined }
  | { readonly target?: undefined; readonly problem: string };

function readTarget(input: string): Target {
  if (input.includes("@")) {
    const jid = parseJid(input);
    return jid && !isGroup(jid) ? { target: jid } : { problem: "must be the JID of a user, or a LID" };
  }
  const { digits, problem } = readPhoneNumber(input);
  return digits === undefined ? { problem } : { target: jidOfPhoneNumber(digits) };
}
