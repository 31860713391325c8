import type { Operation } from "../operation.ts";

export const deleteToken: Operation<"deleteToken"> = async ({ path, query, caller }, { tokens }) => {
  await tokens.delete(caller, path.user_id, path.token_id, query.successor_id);
  return { status: 200, data: { token_id: path.token_id, deleted: true } };
};
