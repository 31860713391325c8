import type { Operation } from "../operation.ts";

export const promoteUser: Operation<"promoteUser"> = async ({ path, body, caller }, { users }) => ({
  status: 200,
  data: await users.promote(caller, path.user_id, body.new_role),
});
