import type { Operation } from "../operation.ts";
import { personIn } from "./person.ts";

export const blockContact: Operation<"blockContact"> = async ({ query, caller }, { devices }) => {
  const target = personIn(query);
  const { blockList } = await devices.forCaller(caller, query.device_id);
  return { status: 200, data: await blockList.block(target) };
};
