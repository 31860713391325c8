import type { Operation } from "../operation.ts";

export const getDevice: Operation<"getDevice"> = async ({ path, caller }, { devices }) => {
  const { device } = await devices.forCaller(caller, path.device_id);
  return { status: 200, data: device.view() };
};
