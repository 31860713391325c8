import { decodeCursor, encodeCursor } from "../../storage/pagination/cursor-text.ts";
import type { Operation } from "../operation.ts";

const list = "users";

export const listUsers: Operation<"listUsers"> = async ({ query, caller }, { users }) => {
  const { items, next } = await users.list(caller, query.limit, decodeCursor(list, query.cursor));
  return { status: 200, data: { items, next_cursor: encodeCursor(list, next) } };
};
