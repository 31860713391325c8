import type { SessionStatus } from "@wuts/contract";
import { Failure } from "../../kernel/failures.ts";
import type { DeviceServices } from "../device-services.ts";
import type { Operation } from "../operation.ts";

export const checkSessionStatus: Operation<"checkSessionStatus"> = async ({ query, caller }, { devices }) => {
  try {
    return { status: 200, data: statusOf(await devices.forCaller(caller, query.device_id)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.name === "DeviceNotFound") return { status: 200, data: unresolved("DEVICE_NOT_FOUND", []) };
    if (error.name === "DeviceAmbiguous") {
      return { status: 200, data: unresolved("DEVICE_AMBIGUOUS", error.candidates) };
    }
    throw error;
  }
};

function statusOf({ device }: DeviceServices): SessionStatus {
  const { id, state, connected, jid, lid, phone_number, last_activity_at } = device.view();
  return {
    device_id: id,
    state,
    connected,
    paired: device.isPaired,
    jid,
    lid,
    phone_number,
    last_activity_at,
    last_disconnect: device.lastDisconnect,
    banned_until: device.bannedUntil,
    passkey_required: device.passkeyRequired,
    unresolved: null,
    candidates: [],
  };
}

function unresolved(
  reason: "DEVICE_NOT_FOUND" | "DEVICE_AMBIGUOUS",
  candidates: readonly string[],
): SessionStatus {
  return {
    device_id: null,
    state: null,
    connected: false,
    paired: false,
    jid: null,
    lid: null,
    phone_number: null,
    last_activity_at: null,
    last_disconnect: null,
    banned_until: null,
    passkey_required: false,
    unresolved: reason,
    candidates: [...candidates],
  };
}
