import type { Operation } from "../operation.ts";

export const connectSession: Operation<"connectSession"> = async ({ query, caller }, { sessions }) => {
  const { device, connected } = await sessions.connect(caller, query.device_id);
  return { status: 200, data: { device_id: device.id, state: device.state, paired: connected } };
};
