import type { Operation } from "../operation.ts";

export const createSignInCode: Operation<"createSignInCode"> = async (
  { path, body, caller, keep },
  { tokens },
) => ({
  status: 201,
  data: await tokens.createSignInCode(caller, path.user_id, body, keep),
});
