import type { CheckedNumber } from "@wuts/contract";
import type { FoundNumbers } from "../../features/contacts/numbers/registered-numbers.ts";
import type { Failure } from "../../kernel/failures.ts";
import { userOf } from "../../whatsapp/protocol/jid.ts";
import type { Operation } from "../operation.ts";
import { readPhoneNumber } from "../phone-number.ts";

export const checkContacts: Operation<"checkContacts"> = async (
  { query, body, caller, signal },
  { devices },
) => {
  const asked = body.numbers.map((number) => ({ number, ...readPhoneNumber(number) }));
  const { numbers } = await devices.readyForCaller(caller, query.device_id, signal);
  const found = await numbers.find(asked.flatMap(({ digits }) => digits ?? []));
  const items = asked.map(({ number, digits, problem }) => ({
    number,
    ...(digits === undefined ? noNumber(problem) : outcomeOf(digits, found)),
  }));
  return { status: 200, data: { items } };
};

type Outcome = Omit<CheckedNumber, "number">;

function noNumber(problem: string): Outcome {
  const unregistered = { on_whatsapp: null, jid: null, lid: null, phone_number: null };
  return { ...unregistered, error_code: "VALIDATION_ERROR", error: problem };
}

function outcomeOf(digits: string, { registered, refused }: FoundNumbers): Outcome {
  const found = registered.get(digits);
  const failure = refused.get(digits);
  return {
    on_whatsapp: failure ? null : found !== undefined,
    jid: found?.jid ?? null,
    lid: found?.lid ?? null,
    phone_number: found ? userOf(found.jid) : digits,
    error_code: failure ? codeOf(failure) : null,
    error: failure?.message ?? null,
  };
}

function codeOf({ name }: Failure): "WHATSAPP_RATE_LIMITED" | "WHATSAPP_ERROR" {
  return name === "WhatsAppRateLimited" ? "WHATSAPP_RATE_LIMITED" : "WHATSAPP_ERROR";
}
