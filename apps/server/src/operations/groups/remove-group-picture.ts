import type { Operation } from "../operation.ts";
import { groupIn } from "./group.ts";

export const removeGroupPicture: Operation<"removeGroupPicture"> = async (
  { path, query, caller, signal },
  { devices },
) => {
  const group = groupIn(path);
  const { pictureChanges } = await devices.readyForCaller(caller, query.device_id, signal);
  return { status: 200, data: await pictureChanges.remove(group) };
};
