import { decodeCursor, encodeCursor } from "../../storage/pagination/cursor-text.ts";
import type { Operation } from "../operation.ts";

const list = "devices";

export const listDevices: Operation<"listDevices"> = async ({ query, caller }, { devices }) => {
  const { items, next } = await devices.list(caller, query.limit, decodeCursor(list, query.cursor));
  return { status: 200, data: { items, next_cursor: encodeCursor(list, next) } };
};
