import type { Operation } from "../operation.ts";

export const updateUser: Operation<"updateUser"> = async ({ path, body, caller }, { users }) => ({
  status: 200,
  data: await users.update(caller, path.user_id, body),
});
