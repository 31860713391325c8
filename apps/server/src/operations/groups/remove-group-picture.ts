import type { Operation } from "../operation.ts";
import { groupIn } from "./group.ts";

export const removeGroupPicture: Operation<"removeGroupPicture"> = async (
  { path, query, caller },
  { devices },
) => {
  const group = groupIn(path);
  const { pictureChanges } = await devices.forCaller(caller, query.device_id);
  return { status: 200, data: await pictureChanges.remove(group) };
};
