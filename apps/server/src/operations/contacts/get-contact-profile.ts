import type { Operation } from "../operation.ts";
import { personIn } from "./person.ts";

export const getContactProfile: Operation<"getContactProfile"> = async ({ query, caller }, { devices }) => {
  const target = personIn(query);
  const { profiles } = await devices.forCaller(caller, query.device_id);
  return { status: 200, data: await profiles.find(target) };
};
