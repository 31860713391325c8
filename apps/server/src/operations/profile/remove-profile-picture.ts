import type { Operation } from "../operation.ts";

export const removeProfilePicture: Operation<"removeProfilePicture"> = async (
  { query, caller },
  { devices },
) => {
  const { pictureChanges } = await devices.forCaller(caller, query.device_id);
  return { status: 200, data: await pictureChanges.remove(undefined) };
};
