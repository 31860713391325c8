import { decodeCursor, encodeCursor } from "../../storage/pagination/cursor-text.ts";
import type { Operation } from "../operation.ts";

const list = "audit";

export const listAuditEntries: Operation<"listAuditEntries"> = async ({ query, caller }, { audit }) => {
  const filter = { userId: query.user_id, targetId: query.target_id };
  const { items, next } = await audit.list(caller, filter, query.limit, decodeCursor(list, query.cursor));
  return { status: 200, data: { items, next_cursor: encodeCursor(list, next) } };
};
