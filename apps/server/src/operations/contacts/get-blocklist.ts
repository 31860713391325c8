import type { Operation } from "../operation.ts";

export const getBlocklist: Operation<"getBlocklist"> = async ({ query, caller }, { devices }) => {
  const { blockList } = await devices.forCaller(caller, query.device_id);
  return { status: 200, data: { items: await blockList.list(), next_cursor: null } };
};
