import { decodeCursor, encodeCursor } from "../../storage/pagination/cursor-text.ts";
import type { Operation } from "../operation.ts";

export const listTokens: Operation<"listTokens"> = async ({ path, query, caller }, { tokens }) => {
  const { items, next } = await tokens.list(caller, path.user_id, query.limit, decodeCursor(query.cursor));
  return { status: 200, data: { items, next_cursor: encodeCursor(next) } };
};
