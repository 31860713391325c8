import type { Operation } from "../operation.ts";

export const logoutSession: Operation<"logoutSession"> = async ({ query, caller }, { sessions }) => {
  const { device, unlinked } = await sessions.logout(caller, query.device_id);
  return { status: 200, data: { device_id: device.id, state: device.state, unlinked } };
};
