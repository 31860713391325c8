import type { Operation } from "../operation.ts";

export const deleteUser: Operation<"deleteUser"> = async ({ path, caller }, { users }) => {
  const { devices, unlinked } = await users.delete(caller, path.user_id);
  return { status: 200, data: { user_id: path.user_id, deleted: true, devices, unlinked } };
};
