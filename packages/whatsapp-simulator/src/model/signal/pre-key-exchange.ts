import { jidDecode } from "@whiskeysockets/baileys";
import type { Directory } from "../directory.ts";
import type { PreKeyBundle } from "./pre-key-bundle.ts";

/**
 * Hands out the keys of a device, and one of its one-time pre-keys for good.
 * @param jid of a phone (device 0) or a linked device, by phone number or LID.
 * @returns undefined for an unknown device, or one that has not uploaded its keys yet.
 */
export function takeBundle(directory: Directory, jid: string): PreKeyBundle | undefined {
  const account = directory.accountOf(jid);
  const deviceId = jidDecode(jid)?.device ?? 0;
  if (deviceId === 0) return account?.signal.bundle();
  const device = account?.linked.get(deviceId);
  if (!device?.signedPreKey) return undefined;
  const { registrationId, identityKey, signedPreKey, deviceIdentity } = device;
  return { registrationId, identityKey, signedPreKey, deviceIdentity, preKey: device.preKeys.shift() };
}
