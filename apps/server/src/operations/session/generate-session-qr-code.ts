import type { Operation } from "../operation.ts";
import { isTrue, secondsUntil } from "../values.ts";

export const generateSessionQrCode: Operation<"generateSessionQrCode"> = async (
  { query, caller },
  { sessions },
) => {
  const { device, code, image, cached } = await sessions.qrCode(
    caller,
    query.device_id,
    isTrue(query.refresh),
  );
  return {
    status: 200,
    data: {
      device_id: device.id,
      qr_code: code.text,
      image,
      cached,
      generated_at: code.generatedAt.toISOString(),
      expires_at: code.expiresAt.toISOString(),
      expires_in: secondsUntil(code.expiresAt),
    },
  };
};
