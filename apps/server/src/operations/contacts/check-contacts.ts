import { validationFailure } from "../../failures.ts";
import { parsePhoneNumber, userOf } from "../../whatsapp/jid.ts";
import type { Operation } from "../operation.ts";

export const checkContacts: Operation<"checkContacts"> = async (
  { query, body, caller, closed },
  { devices },
) => {
  const asked = body.numbers.map((number, index) => ({ number, digits: digitsOf(number, index) }));
  const { numbers } = await devices.readyForCaller(caller, query.device_id, closed);
  const found = await numbers.find(asked.map(({ digits }) => digits));
  const items = asked.map(({ number, digits }) => {
    const registered = found.get(digits);
    return {
      number,
      on_whatsapp: registered !== undefined,
      jid: registered?.jid ?? null,
      lid: registered?.lid ?? null,
      phone_number: registered ? userOf(registered.jid) : digits,
    };
  });
  return { status: 200, data: { items } };
};

function digitsOf(number: string, index: number): string {
  const digits = parsePhoneNumber(number);
  if (digits !== undefined) return digits;
  throw validationFailure({ field: `numbers.${index}`, message: "must have 10 to 15 digits" });
}
