import type { Operation } from "../operation.ts";

export const setProfilePicture: Operation<"setProfilePicture"> = async (
  { query, body, caller, signal },
  { devices },
) => {
  const { pictureChanges } = await devices.readyForCaller(caller, query.device_id, signal);
  return { status: 200, data: await pictureChanges.set(undefined, body.image, caller.tenantId) };
};
