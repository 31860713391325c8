import type { Operation } from "../operation.ts";

export const getSessionQrStatus: Operation<"getSessionQrStatus"> = async ({ query, caller }, { devices }) => {
  const { device } = await devices.forCaller(caller, query.device_id);
  const code = device.waitingQrCode();
  return {
    status: 200,
    data: {
      device_id: device.id,
      exists: code !== undefined,
      generated_at: code?.generatedAt.toISOString() ?? null,
      expires_at: code?.expiresAt.toISOString() ?? null,
      passkey_required: device.passkeyRequired,
    },
  };
};
