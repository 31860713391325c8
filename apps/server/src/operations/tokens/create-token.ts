import type { Operation } from "../operation.ts";

export const createToken: Operation<"createToken"> = async ({ path, body, caller, keep }, { tokens }) => ({
  status: 201,
  data: await tokens.create(caller, path.user_id, body, keep),
});
