import type { Operation } from "../operation.ts";

export const createUser: Operation<"createUser"> = async ({ body, caller, keep }, { users }) => ({
  status: 201,
  data: await users.create(caller, body, keep),
});
