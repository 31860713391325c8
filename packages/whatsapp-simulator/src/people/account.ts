import type { proto } from "@whiskeysockets/baileys";
import type { PictureBehaviour, PictureDescription } from "../pictures/picture.ts";
import type { ReceivedMessage } from "./inbox.ts";
import type { LinkedDevice } from "./linked-device.ts";

/** Who can be reached on this WhatsApp, and what it says about them. */
export interface AccountDescription {
  /** Digits of the number WhatsApp knows, 5 to 15 of them, without `+`. */
  readonly phone: string;
  /** Digits of the LID. Default: derived from the phone. */
  readonly lid?: string;
  /** Push name. Default `User <phone>`. */
  readonly name?: string;
  /** The about text. Default `Hey there! I am using WhatsApp.` */
  readonly about?: string;
  /** Privacy settings hide the about text: usync answers it with code 401. */
  readonly aboutHidden?: boolean;
  /** Makes it a business account: told in pair-success and usync. */
  readonly businessName?: string;
  /** Other numbers that a usync contact query maps to this account, e.g. with the Brazilian ninth digit. */
  readonly alsoReachedAs?: readonly string[];
  /** Absent: none set. */
  readonly picture?: PictureDescription;
  /** Default `visible`. */
  readonly pictureBehaviour?: PictureBehaviour;
  /** Phones that this account has blocked. */
  readonly blocked?: readonly string[];
  /** Own privacy settings, e.g. `{ last: "contacts" }`; those not named are `all`. */
  readonly privacy?: Readonly<Record<string, string>>;
}

/** A person with a phone: what they do there, and what their phone received. */
export interface Account {
  readonly phone: string;
  /** `5511999999999@s.whatsapp.net` */
  readonly jid: string;
  /** `90…@lid` */
  readonly lid: string;
  readonly name: string;
  readonly picture: PictureDescription | undefined;
  readonly pictureBehaviour: PictureBehaviour;
  /** In the order of linking. */
  readonly devices: readonly LinkedDevice[];
  /** What the phone received and decrypted, oldest first; at most the last 1,000. */
  readonly inbox: readonly ReceivedMessage[];

  /**
   * Scans a QR code with the phone's camera: `qrText` as Baileys' `connection.update` emits it.
   * @returns the device once it has proved its identity; it is told to reconnect (515) at that moment.
   * @throws QrCodeRejected when the text is no QR code of WhatsApp's, expired, or unknown here.
   */
  scanQr(qrText: string): Promise<LinkedDevice>;

  /**
   * Types the code of `requestPairingCode` on the phone, with or without a dash, in any case. Waits up to
   * 10 seconds for the client's request if it has not arrived yet.
   * @throws PairingCodeRejected when it is not the code that the client showed. The client may try again.
   */
  enterPairingCode(code: string): Promise<LinkedDevice>;

  /** Removes a device, or all of them, in the phone's "Linked devices": connected ones see 401 device_removed. */
  unlink(deviceId?: number): void;

  /** Sets or removes the picture. Its id should be a new one, as WhatsApp's are. */
  setPicture(picture: PictureDescription | null): void;
  setPictureBehaviour(behaviour: PictureBehaviour): void;
  /** Same as behaviour `hidden`. */
  hidePicture(): void;
  /** Same as behaviour `visible`. */
  showPicture(): void;

  /**
   * Writes from this phone to another account: encrypted for its phone and each of its linked devices, and
   * for this account's own linked devices. What is not connected gets it at its next login.
   * @returns the message id.
   * @throws Error for an unknown account, or a linked device that has not uploaded its pre-keys yet.
   */
  sendMessage(toPhone: string, message: proto.IMessage): Promise<string>;

  /** Writes from this phone to a group it is in, with a sender key. @returns the message id. */
  sendGroupMessage(groupJid: string, message: proto.IMessage): Promise<string>;

  /**
   * Sends a trusted-contact token to all devices of another account, which they then present in picture queries
   * (rc14 Socket/messages-recv.ts handlePrivacyTokenNotification).
   * @param token default: 16 random bytes.
   */
  givePrivacyToken(toPhone: string, token?: Uint8Array): void;

  /**
   * The next message in the inbox that no earlier call returned and that matches; it may be there already.
   * @param milliseconds default 5,000.
   * @throws WaitTimeout
   */
  waitForMessage(
    matches?: (message: ReceivedMessage) => boolean,
    milliseconds?: number,
  ): Promise<ReceivedMessage>;
}
