import type { DevicePosition } from "../../storage/devices.ts";
import type { Operation } from "../operation.ts";

export const listDevices: Operation<"listDevices"> = async ({ query, caller }, { devices }) => {
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const { items, next } = await devices.list(caller, query.limit, after);
  return { status: 200, data: { items, next_cursor: next ? writeCursor(next) : null } };
};

function writeCursor({ createdAt, id }: DevicePosition): string {
  return Buffer.from(`${createdAt} ${id}`).toString("base64url");
}

/** Whatever the contract takes for a cursor is a place in the list, if only behind its end. */
function readCursor(cursor: string): DevicePosition {
  const [createdAt = "", id = ""] = Buffer.from(cursor, "base64url").toString().split(" ");
  return { createdAt, id };
}
