import type { Operation } from "../operation.ts";

export const connectSession: Operation<"connectSession"> = async ({ query, caller }, { devices }) => {
  const { device } = await devices.forCaller(caller, query.device_id);
  const connected = await device.connect();
  return { status: 200, data: { device_id: device.id, state: device.state, needs_qr: !connected } };
};
