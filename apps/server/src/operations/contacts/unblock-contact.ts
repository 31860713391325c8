import type { Operation } from "../operation.ts";
import { personIn } from "./person.ts";

export const unblockContact: Operation<"unblockContact"> = async ({ query, caller, signal }, { devices }) => {
  const target = personIn(query);
  const { blockList } = await devices.readyForCaller(caller, query.device_id, signal);
  return { status: 200, data: await blockList.unblock(target) };
};
