import type { DeviceState, Device as DeviceView, DisconnectReason, LastDisconnect } from "@wuts/contract";
import type { DeviceRow } from "../storage/schema/tables.ts";
import { reactions } from "./device-states.ts";

/** Maps a device row to the contract's device. */
export function deviceView(row: DeviceRow, state: DeviceState): DeviceView {
  return {
    id: row.id,
    user_id: row.user_id,
    name: row.name,
    state,
    connected: state === "connected",
    jid: row.jid,
    lid: row.lid,
    phone_number: row.phone_number,
    picture_pace_per_minute: row.picture_pace_per_minute,
    last_activity_at: row.last_activity_at,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

/** Maps the stored reason why the device's connection last ended. */
export function lastDisconnect(row: DeviceRow): LastDisconnect | null {
  const { last_disconnect_reason: reason, last_disconnect_code: code, last_disconnect_at: at } = row;
  if (reason === null || at === null) return null;
  return { reason: isDisconnectReason(reason) ? reason : "unknown", code, at };
}

function isDisconnectReason(text: string): text is DisconnectReason {
  return Object.hasOwn(reactions, text);
}
