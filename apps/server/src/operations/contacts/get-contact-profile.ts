import type { Operation } from "../operation.ts";
import { personIn } from "./person.ts";

export const getContactProfile: Operation<"getContactProfile"> = async (
  { query, caller, signal },
  { devices },
) => {
  const target = personIn(query);
  const { profiles } = await devices.readyForCaller(caller, query.device_id, signal);
  return { status: 200, data: await profiles.find(target) };
};
