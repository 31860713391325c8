import { proto } from "@whiskeysockets/baileys";
import type { Session } from "../connection.ts";
import type { World } from "../world.ts";
import { historyMessages } from "./history.ts";

/**
 * What a phone sends a device once the device has uploaded its keys: the app-state key, without which it can read no
 * contact, then the history, for which rc14 waits 20 s unless told not to. Once for each device.
 */
export async function welcome({ account, device }: Session, world: World): Promise<void> {
  if (device.welcomed || !device.signedPreKey) return;
  device.welcomed = true;
  await world.phones.tellDevice(account, device, {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
      appStateSyncKeyShare: account.settings.state.keyShare(account.signal.creds.registrationId),
    },
  });
  for (const message of historyMessages(account, world))
    await world.phones.tellDevice(account, device, message);
}
