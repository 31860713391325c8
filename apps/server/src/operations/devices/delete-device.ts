import type { Operation } from "../operation.ts";

export const deleteDevice: Operation<"deleteDevice"> = async ({ path, caller }, { devices }) => {
  const unlinked = await devices.delete(caller, path.device_id);
  return { status: 200, data: { device_id: path.device_id, deleted: true, unlinked } };
};
