import type { Operation } from "../operation.ts";

export const updateDevice: Operation<"updateDevice"> = async ({ path, body, caller }, { devices }) => ({
  status: 200,
  data: await devices.update(caller, path.device_id, body),
});
