import { decodeKey, encodeKey } from "../../storage/pagination/cursor-text.ts";
import type { Operation } from "../operation.ts";

export const listContacts: Operation<"listContacts"> = async ({ query, caller }, { devices }) => {
  const { device, contacts } = await devices.forCaller(caller, query.device_id);
  const list = `contacts of ${device.id}`;
  const { items, next } = await contacts.list(query.search, query.limit, decodeKey(list, query.cursor));
  return { status: 200, data: { items, next_cursor: encodeKey(list, next) } };
};
