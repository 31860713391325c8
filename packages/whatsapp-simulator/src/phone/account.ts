import type { proto } from "@whiskeysockets/baileys";
import type { Addressing } from "../model/accounts/device-list.ts";
import type { ReceivedMessage } from "../model/accounts/inbox.ts";
import type { LinkedDevice } from "../model/accounts/linked-device.ts";
import type { Contact, ContactDescription } from "../model/app-state/contacts.ts";
import type { PictureBehaviour, PictureDescription } from "../model/picture.ts";

/** A message that another one speaks of. */
export interface MessageTarget {
  readonly id: string;
  /** The phone of the account that wrote it, whichever device did. */
  readonly author: string;
}

/** By which of their addresses the author of a poll and a voter are named in the key of a vote. Default: both by number. */
export interface VoteAddressing {
  readonly author?: Addressing;
  readonly voter?: Addressing;
}

/** An account with its phone: what its owner does there, and what the phone received. */
export interface Account {
  readonly phone: string;
  /** `5511999999999@s.whatsapp.net` */
  readonly jid: string;
  /** `90…@lid` */
  readonly lid: string;
  /** Push name. */
  readonly name: string;
  readonly about: string;
  /** Phones that this account has blocked. */
  readonly blocked: readonly string[];
  readonly picture: PictureDescription | undefined;
  readonly pictureBehaviour: PictureBehaviour;
  /** In the order of linking. */
  readonly devices: readonly LinkedDevice[];
  /** What the phone received and decrypted, oldest first; at most the last 1,000. */
  readonly inbox: readonly ReceivedMessage[];

  /**
   * Scans a QR code with the phone's camera: `qrText` as Baileys' `connection.update` emits it.
   * @returns the device once it has proved its identity; the server asks it to reconnect (515) at that moment.
   * @throws QrCodeRejected when the text is no QR code of WhatsApp's, expired, or unknown here; PasskeyRequired.
   */
  scanQr(qrText: string): Promise<LinkedDevice>;

  /**
   * Types the code of `requestPairingCode` on the phone, with or without a dash, in any case. Waits up to
   * 10 seconds for the client's request if it has not arrived yet.
   * @throws PairingCodeRejected when it is not the code that the client showed, or it has expired. The client may try again.
   */
  enterPairingCode(code: string): Promise<LinkedDevice>;

  /**
   * The number gets another owner: it has another LID, and the old one has no account; the phone has other keys, and no
   * linked devices. No client is notified: a query about the number, or a message from it, shows the new LID.
   * @param lid digits.
   * @throws Error when an account has that LID.
   */
  changeLid(lid: string): void;

  /** Removes a device, or all of them, in the phone's "Linked devices": connected ones see 401 device_removed. */
  unlink(deviceId?: number): void;

  /** The phone's address book, in the order of saving, with what linked devices changed in it. */
  readonly contacts: readonly Contact[];
  /**
   * Saves a contact in the phone's address book, or changes its name; linked devices are notified.
   * @throws Error when the description has neither phone nor JID, or the book is full.
   */
  saveContact(contact: ContactDescription): void;
  /** Takes a contact out of the address book; linked devices are notified. */
  removeContact(contact: Pick<ContactDescription, "phone" | "jid">): void;

  /**
   * Changes the push name: linked devices get it through app state, subscribers of this account's presence with a
   * presence, other devices with the next message.
   */
  setName(name: string): void;
  /** Changes the about text; empty: none. Linked devices and accounts with this contact are notified. */
  setAbout(text: string): void;

  /** Blocks another account; linked devices are notified. @throws Error for an unknown account, or a full list. */
  block(phone: string): void;
  unblock(phone: string): void;

  /**
   * Sets or removes the picture. Its id should be a new one, as WhatsApp's are. Linked devices are notified, and
   * accounts that have this one among their contacts. A removed picture's URLs answer 404, a replaced one's work on.
   */
  setPicture(picture: PictureDescription | null): void;
  setPictureBehaviour(behaviour: PictureBehaviour): void;
  /** Same as behaviour `hidden`. */
  hidePicture(): void;
  /** Same as behaviour `visible`. */
  showPicture(): void;

  /**
   * Writes from this phone to another account: encrypted for its phone and each of its linked devices, and
   * for this account's own linked devices. What is not connected gets it at its next login.
   * @param by the sender's address in the message, with the other one beside it. Default: the address that the device's own
   * last message to this phone had, or else the number.
   * @returns the message id.
   * @throws Error for an unknown account, or a linked device that has not uploaded its pre-keys yet.
   */
  sendMessage(toPhone: string, message: proto.IMessage, by?: Addressing): Promise<string>;

  /** Writes from this phone to a group it is in, with a sender key. @returns the message id. */
  sendGroupMessage(groupJid: string, message: proto.IMessage): Promise<string>;

  /**
   * Writes what speaks of another message of the chat: a reaction, an edit, and so on.
   * @param chat a phone, or the JID of a group.
   * @param text an emoji; empty: the reaction is taken back.
   * @returns the id of what is written, as all of these.
   */
  react(chat: string, target: MessageTarget, text: string): Promise<string>;
  edit(chat: string, target: MessageTarget, text: string): Promise<string>;
  /** Edits as newer phones do: encrypted under the secret of the message. @throws Error when the phone does not know it. */
  editSecretly(chat: string, target: MessageTarget, text: string): Promise<string>;
  /** Takes a message down for everybody. */
  revoke(chat: string, target: MessageTarget): Promise<string>;
  /** @param seconds default: a day; 0: it is taken down. */
  pin(chat: string, target: MessageTarget, seconds?: number): Promise<string>;

  /** @param most how many options each voter may choose. Default: any number. */
  sendPoll(chat: string, name: string, options: readonly string[], most?: number): Promise<string>;
  /**
   * Votes in a poll, instead of an earlier vote.
   * @param chosen names of options; none: the vote is taken back.
   * @throws Error when the phone does not know the poll.
   */
  vote(
    chat: string,
    poll: MessageTarget,
    chosen: readonly string[],
    addressing?: VoteAddressing,
  ): Promise<string>;

  /**
   * Sends a trusted-contact token to all devices of another account, which they then present in picture queries
   * (rc14 Socket/messages-recv.ts handlePrivacyTokenNotification).
   * @param token default: 16 random bytes.
   */
  givePrivacyToken(toPhone: string, token?: Uint8Array): void;

  /**
   * The next message in the inbox that matches and that no earlier call returned; it may be there already.
   * @param milliseconds default 5,000.
   * @throws WaitTimeout
   */
  waitForMessage(
    matches?: (message: ReceivedMessage) => boolean,
    milliseconds?: number,
  ): Promise<ReceivedMessage>;
}
