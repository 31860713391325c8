import type { Operation } from "../operation.ts";

export const syncAppState: Operation<"syncAppState"> = async (
  { query, body, caller, signal },
  { devices },
) => {
  const { device, appState } = await devices.readyForCaller(caller, query.device_id, signal);
  const { scopes = ["contacts", "chats", "settings"], full = false } = body;
  const contacts = await appState.fetch(scopes, full);
  return { status: 200, data: { device_id: device.id, scopes, full, contacts } };
};
