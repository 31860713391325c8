import type { Operation } from "../operation.ts";

export const disconnectSession: Operation<"disconnectSession"> = async ({ query, caller }, { devices }) => {
  const { device } = await devices.forCaller(caller, query.device_id);
  await device.disconnect();
  return { status: 200, data: { device_id: device.id, state: device.state } };
};
