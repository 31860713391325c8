import { decodeCursor, encodeCursor } from "../../storage/pagination/cursor-text.ts";
import type { Operation } from "../operation.ts";

const list = "tenants";

export const listTenants: Operation<"listTenants"> = async ({ query }, { tenants }) => {
  const { items, next } = await tenants.list(query.limit, decodeCursor(list, query.cursor));
  return { status: 200, data: { items, next_cursor: encodeCursor(list, next) } };
};
