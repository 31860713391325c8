import type { Operation } from "../operation.ts";
import { groupIn } from "./group.ts";

export const setGroupPicture: Operation<"setGroupPicture"> = async (
  { path, query, body, caller, signal },
  { devices },
) => {
  const group = groupIn(path);
  const { pictureChanges } = await devices.readyForCaller(caller, query.device_id, signal);
  return { status: 200, data: await pictureChanges.set(group, body.image, caller.tenantId) };
};
