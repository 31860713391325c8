import type { Operation } from "../operation.ts";

export const signIn: Operation<"signIn"> = async ({ body, requestId }, { tokens }) => ({
  status: 201,
  data: await tokens.signIn(body.code, requestId),
});
