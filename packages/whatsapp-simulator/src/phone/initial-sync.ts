import { proto } from "@whiskeysockets/baileys";
import type { Session } from "../model/accounts/session.ts";
import { historyMessages } from "./history.ts";
import type { PhoneContext } from "./phone-context.ts";

/**
 * What a phone sends a device once the device has uploaded its keys: the app-state key, without which it can read no
 * contact, then the history, for which rc14 waits 20 s unless configured otherwise. Once for each device; what a fault
 * withholds comes when that is undone.
 */
export async function sendInitialSync({ account, device }: Session, context: PhoneContext): Promise<void> {
  if (device.initialSyncSent || !device.signedPreKey) return;
  device.initialSyncSent = true;
  const send = async (messages: readonly proto.IMessage[]) => {
    // It may have been unlinked meanwhile.
    if (context.lifetime.isOver || !account.devices.includes(device)) return;
    try {
      for (const message of messages) await context.phoneMessages.sendToDevice(account, device, message);
    } catch (error) {
      context.events.report(error);
    }
  };
  const keyShare = {
    protocolMessage: {
      type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
      appStateSyncKeyShare: account.settings.state.keyShare(account.signal.creds.registrationId),
    },
  };
  await context.faults.whenInitialSync("app-state-key", () => send([keyShare]));
  await context.faults.whenInitialSync("history", () => send(historyMessages(account, context)));
}
