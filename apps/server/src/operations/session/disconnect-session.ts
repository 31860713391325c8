import type { Operation } from "../operation.ts";

export const disconnectSession: Operation<"disconnectSession"> = async ({ query, caller }, { sessions }) => {
  const device = await sessions.disconnect(caller, query.device_id);
  return { status: 200, data: { device_id: device.id, state: device.state } };
};
