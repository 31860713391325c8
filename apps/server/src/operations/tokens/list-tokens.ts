import { decodeCursor, encodeCursor } from "../../storage/pagination/cursor-text.ts";
import type { Operation } from "../operation.ts";

export const listTokens: Operation<"listTokens"> = async ({ path, query, caller }, { tokens }) => {
  const list = `tokens of ${path.user_id}`;
  const after = decodeCursor(list, query.cursor);
  const { items, next } = await tokens.list(caller, path.user_id, query.limit, after);
  return { status: 200, data: { items, next_cursor: encodeCursor(list, next) } };
};
