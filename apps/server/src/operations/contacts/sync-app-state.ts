import type { Operation } from "../operation.ts";

export const syncAppState: Operation<"syncAppState"> = async ({ query, body, caller }, { devices }) => {
  const { device, appState } = await devices.forCaller(caller, query.device_id);
  const { scopes = ["contacts", "chats", "settings"], full = false } = body;
  const contacts = await appState.fetch(scopes, full);
  return { status: 200, data: { device_id: device.id, scopes, full, contacts } };
};
