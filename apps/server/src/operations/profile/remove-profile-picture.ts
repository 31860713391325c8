import type { Operation } from "../operation.ts";

export const removeProfilePicture: Operation<"removeProfilePicture"> = async (
  { query, caller, signal },
  { devices },
) => {
  const { pictureChanges } = await devices.readyForCaller(caller, query.device_id, signal);
  return { status: 200, data: await pictureChanges.remove(undefined) };
};
