import type { Operation } from "../operation.ts";

export const setProfilePicture: Operation<"setProfilePicture"> = async (
  { query, body, caller },
  { devices },
) => {
  const { pictureChanges } = await devices.forCaller(caller, query.device_id);
  return { status: 200, data: await pictureChanges.set(undefined, body.image) };
};
