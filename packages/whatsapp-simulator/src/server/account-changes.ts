import type { MediaServer } from "../cdn/media-server.ts";
import { CLOSE_KINDS } from "../faults/close-kinds.ts";
import type { AccountState } from "../model/accounts/account-state.ts";
import type { BlockAction } from "../model/accounts/block-list.ts";
import type { DeviceRecord } from "../model/accounts/linked-device.ts";
import type { Directory } from "../model/directory.ts";
import type { SimulatorEvents } from "../model/events.ts";
import type { PictureDescription } from "../model/picture.ts";
import { unixSeconds } from "../wire/stanza.ts";
import type { Notifications } from "./notifications.ts";

interface ChangesContext {
  readonly directory: Directory;
  readonly events: SimulatorEvents;
  readonly media: MediaServer;
  readonly notifications: Notifications;
}

/** Changes accounts, for their phone or one of their devices, and notifies the devices that the change concerns. */
export class AccountChanges {
  readonly #context: ChangesContext;

  constructor(context: ChangesContext) {
    this.#context = context;
  }

  /** Puts a device that has proved its identity on the account's list. */
  link(account: AccountState, device: DeviceRecord): void {
    account.linked.set(device.id, device);
    account.deviceList.changed();
    this.#context.notifications.devices(account, "add", device);
  }

  /** Takes a device off the account's list and ends its connection in the given way. */
  unlink(
    account: AccountState,
    device: DeviceRecord,
    end: (typeof CLOSE_KINDS)["removed"] = CLOSE_KINDS.removed,
  ): void {
    if (!account.linked.delete(device.id)) return;
    account.deviceList.changed();
    this.#context.notifications.devices(account, "remove", device);
    const { connection } = device;
    device.connection = undefined;
    account.presence.set(device, false);
    if (connection) end(connection);
    this.#context.events.emit("unlinked", { phone: account.phone, device });
  }

  /** @param by the device that changes it; undefined for the phone. */
  about(account: AccountState, text: string, by?: DeviceRecord): void {
    account.profile.about = { text, setAt: Number(unixSeconds()) };
    this.#context.notifications.about(account, text, by);
  }

  /** @param by the device that changes it; undefined for the phone. */
  block(account: AccountState, phone: string, action: BlockAction, by?: DeviceRecord): void {
    const { hash } = account.blockList;
    if (!account.blockList.change(phone, action)) return;
    const { jid, lid } = this.#context.directory.findAccount(phone) ?? { jid: `${phone}@s.whatsapp.net` };
    const item = lid === undefined ? { jid } : { jid: lid, pn_jid: jid };
    this.#context.notifications.blockList(account, { ...item, action }, hash, by);
  }

  /** @param by the device that changes it; undefined for the phone. */
  picture(account: AccountState, picture: PictureDescription | undefined, by?: DeviceRecord): void {
    const previous = account.profile.picture;
    account.profile.picture = picture;
    if (previous && !picture) this.#context.media.remove(previous.id);
    this.#context.notifications.picture(account, picture, by);
  }

  givePrivacyToken(giver: AccountState, receiver: AccountState, bytes: Uint8Array): void {
    const token = { bytes, at: Number(unixSeconds()) };
    receiver.keepPrivacyToken(giver.phone, token);
    this.#context.notifications.privacyToken(giver, receiver, token);
  }
}
