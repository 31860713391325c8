import type { Operation } from "../operation.ts";

export const getUser: Operation<"getUser"> = async ({ path, caller }, { users }) => ({
  status: 200,
  data: await users.find(caller, path.user_id),
});
