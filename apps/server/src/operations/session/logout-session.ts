import { Failure } from "../../failures.ts";
import type { Operation } from "../operation.ts";

export const logoutSession: Operation<"logoutSession"> = async ({ query, caller }, { devices }) => {
  const { device } = await devices.forCaller(caller, query.device_id);
  if (!device.isPaired) throw new Failure("DeviceNotPaired");
  const unlinked = await device.logout();
  return { status: 200, data: { device_id: device.id, state: device.state, unlinked } };
};
