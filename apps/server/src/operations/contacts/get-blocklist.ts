import type { Operation } from "../operation.ts";

export const getBlocklist: Operation<"getBlocklist"> = async ({ query, caller, signal }, { devices }) => {
  const { blockList } = await devices.readyForCaller(caller, query.device_id, signal);
  return { status: 200, data: { items: await blockList.list(), next_cursor: null } };
};
