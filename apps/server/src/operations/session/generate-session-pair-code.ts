import type { Operation } from "../operation.ts";
import { phoneNumberIn } from "../phone-number.ts";
import { isTrue, secondsUntil } from "../values.ts";

export const generateSessionPairCode: Operation<"generateSessionPairCode"> = async (
  { query, body, caller },
  { sessions },
) => {
  const phoneNumber = phoneNumberIn("number", body.number);
  const { device, code, cached } = await sessions.pairingCode(
    caller,
    query.device_id,
    phoneNumber,
    isTrue(query.refresh),
  );
  return {
    status: 200,
    data: {
      device_id: device.id,
      code: `${code.code.slice(0, 4)}-${code.code.slice(4)}`,
      phone_number: code.phoneNumber,
      cached,
      expires_at: code.expiresAt.toISOString(),
      expires_in: secondsUntil(code.expiresAt),
      instructions:
        "On the phone, open WhatsApp, Linked devices, Link a device, Link with phone number instead, and type the code.",
    },
  };
};
