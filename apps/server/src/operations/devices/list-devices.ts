import { readCursor, writeCursor } from "../../storage/pagination/cursor-text.ts";
import type { Operation } from "../operation.ts";

export const listDevices: Operation<"listDevices"> = async ({ query, caller }, { devices }) => {
  const { items, next } = await devices.list(caller, query.limit, readCursor(query.cursor));
  return { status: 200, data: { items, next_cursor: writeCursor(next) } };
};
