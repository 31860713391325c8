import { createHash, randomBytes } from "node:crypto";
import type { BinaryNode } from "@whiskeysockets/baileys";
import type { FaultRules } from "../faults/fault-rules.ts";
import type { AccountState, PrivacyToken } from "../model/accounts/account-state.ts";
import { DeviceList } from "../model/accounts/device-list.ts";
import type { DeviceRecord } from "../model/accounts/linked-device.ts";
import type { Directory } from "../model/directory.ts";
import type { Group } from "../model/group.ts";
import type { PictureDescription } from "../model/picture.ts";
import { element, SERVER_JID, unixSeconds } from "../wire/stanza.ts";

/** Notifies devices of changes by other accounts, or by other devices of theirs. Absent devices get them at login. */
export class Notifications {
  readonly #directory: Directory;
  readonly #faults: Pick<FaultRules, "pictureNotificationName">;

  constructor(directory: Directory, faults: Pick<FaultRules, "pictureNotificationName">) {
    this.#directory = directory;
    this.#faults = faults;
  }

  /**
   * `<notification type="picture"><set jid id author hash/>` or `<delete>`, to the devices of all accounts that have the
   * account among their contacts, and its own (rc14 Socket/messages-recv.ts, whatsmeow handlePictureNotification).
   * @param by the device that did it; undefined for the phone.
   */
  picture(account: AccountState, picture: PictureDescription | undefined, by?: DeviceRecord): void {
    this.#send([account, ...this.#acquaintances(account)], this.#pictureNotification(account, picture), by);
  }

  /** The same to the devices of all members of a group. */
  groupPicture(
    group: Group,
    author: { readonly jid: string } | undefined,
    picture: PictureDescription | undefined,
    by?: DeviceRecord,
  ): void {
    const names = { jid: group.jid, hash: jidHash(group.jid), ...(author && { author: author.jid }) };
    const change = pictureChange(names, picture);
    const stanza = notification("picture", group.jid, [change], author && { participant: author.jid });
    this.#send(this.#members(group), stanza, by);
  }

  /** `<notification type="status"><set>text</set>` (whatsmeow handleStatusNotification; rc14 only acknowledges it). */
  about(account: AccountState, text: string, by?: DeviceRecord): void {
    const stanza = notification("status", account.jid, [element("set", {}, Buffer.from(text))]);
    this.#send([account, ...this.#acquaintances(account)], stanza, by);
  }

  /** `<notification type="account_sync"><blocklist action="modify"><item jid action/>`, to the account's other devices. */
  blockList(
    account: AccountState,
    item: Record<string, string>,
    previousHash: string,
    by?: DeviceRecord,
  ): void {
    const attrs = { action: "modify", dhash: account.blockList.hash, prev_dhash: previousHash };
    const change = element("blocklist", attrs, [element("item", item)]);
    this.#send([account], notification("account_sync", account.jid, [change]), by);
  }

  /**
   * A device was linked or removed. Accounts that have the account among their contacts get
   * `<notification type="devices" from lid>` with `<add>` or `<remove>`, the hashes of the new list, the device and the
   * key indexes (whatsmeow notification.go handleDeviceNotification, whatsapp-rust wacore/src/stanza/devices.rs). The
   * account's other devices get the whole list: `<notification type="account_sync"><devices dhash>` (whatsmeow
   * handleOwnDevicesNotification).
   */
  devices(account: AccountState, operation: "add" | "remove", device: DeviceRecord): void {
    const { jid, lid, deviceList } = account;
    const hashes = { device_hash: deviceList.hash("jid"), device_lid_hash: deviceList.hash("lid") };
    const change = element(operation, hashes, [
      DeviceList.element(device),
      deviceList.keyIndexList(operation === "add"),
    ]);
    this.#send(this.#acquaintances(account), notification("devices", jid, [change], { lid }));
    const list = element("devices", { dhash: deviceList.hash("jid") }, [
      element("device", { jid, lid }),
      ...account.devices.map((each) => DeviceList.element(each)),
      deviceList.keyIndexList(),
    ]);
    this.#send([account], notification("account_sync", jid, [list]), device);
  }

  /** A trusted-contact token, to the devices of the account that gets it (rc14 handlePrivacyTokenNotification). */
  privacyToken(giver: AccountState, receiver: AccountState, { bytes, at }: PrivacyToken): void {
    const t = String(at);
    const tokens = element("tokens", {}, [element("token", { type: "trusted_contact", t }, bytes)]);
    const attrs = { sender_lid: giver.lid, t };
    this.#send([receiver], notification("privacy_token", giver.jid, [tokens], attrs));
  }

  #pictureNotification(account: AccountState, picture: PictureDescription | undefined): BinaryNode {
    const by = this.#faults.pictureNotificationName;
    const hash = jidHash(account.jid);
    if (by === "hash") return notification("picture", SERVER_JID, [pictureChange({ hash }, picture)]);
    const jid = account[by];
    return notification("picture", jid, [pictureChange({ jid, hash, author: jid }, picture)]);
  }

  #send(accounts: readonly AccountState[], stanza: BinaryNode, except?: DeviceRecord): void {
    for (const account of accounts)
      for (const device of account.devices) if (device !== except) device.deliver(stanza);
  }

  /** The accounts with devices that have the account in their address book, and are not blocked by it. */
  #acquaintances(account: AccountState): AccountState[] {
    return this.#directory.accounts.filter(
      (each) =>
        each !== account &&
        each.linked.size > 0 &&
        !account.blockList.has(each) &&
        each.contacts.some(({ jid, lid }) => jid === account.jid || lid === account.lid),
    );
  }

  #members({ participants }: Group): AccountState[] {
    return participants.flatMap((phone) => this.#directory.findAccount(phone) ?? []);
  }
}

function pictureChange(
  names: Readonly<Record<string, string>>,
  picture: PictureDescription | undefined,
): BinaryNode {
  return picture ? element("set", { ...names, id: picture.id }) : element("delete", names);
}

/** Some hash of the JID: a notification may have it alone, and no source says how it is made. */
function jidHash(jid: string): string {
  return createHash("sha256").update(jid).digest("base64").slice(0, 4);
}

function notification(
  type: string,
  from: string,
  content: BinaryNode[],
  attrs: Record<string, string> = {},
): BinaryNode {
  return element(
    "notification",
    { from, type, id: randomBytes(8).toString("hex"), t: unixSeconds(), ...attrs },
    content,
  );
}
