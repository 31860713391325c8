import type { Operation } from "../operation.ts";

export const checkSignInCode: Operation<"checkSignInCode"> = async ({ body }, { tokens }) => ({
  status: 200,
  data: await tokens.checkSignInCode(body.code),
});
