import { type Failure, validationFailure } from "../../failures.ts";
import { parsePhoneNumber, userOf } from "../../whatsapp/jid.ts";
import type { Operation } from "../operation.ts";

export const checkContacts: Operation<"checkContacts"> = async (
  { query, body, caller, closed },
  { devices },
) => {
  const asked = body.numbers.map((number, index) => ({ number, digits: digitsOf(number, index) }));
  const { numbers } = await devices.readyForCaller(caller, query.device_id, closed);
  const { registered: found, refused } = await numbers.find(asked.map(({ digits }) => digits));
  const items = asked.map(({ number, digits }) => {
    const registered = found.get(digits);
    const failure = refused.get(digits);
    return {
      number,
      on_whatsapp: failure ? null : registered !== undefined,
      jid: registered?.jid ?? null,
      lid: registered?.lid ?? null,
      phone_number: registered ? userOf(registered.jid) : digits,
      error_code: failure ? codeOf(failure) : null,
    };
  });
  return { status: 200, data: { items } };
};

function codeOf({ name }: Failure): "WHATSAPP_RATE_LIMITED" | "WHATSAPP_ERROR" {
  return name === "WhatsAppRateLimited" ? "WHATSAPP_RATE_LIMITED" : "WHATSAPP_ERROR";
}

function digitsOf(number: string, index: number): string {
  const digits = parsePhoneNumber(number);
  if (digits !== undefined) return digits;
  throw validationFailure({ field: `numbers.${index}`, message: "must have 10 to 15 digits" });
}
