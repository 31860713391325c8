import type { ContactDescription } from "../app-state/contacts.ts";
import type { PictureBehaviour, PictureDescription } from "../picture.ts";
import type { BusinessDescription } from "./business.ts";
import type { HistoryDescription } from "./history-description.ts";

/** An account of the simulator, and what WhatsApp says about it. */
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
  /** Verified name; makes it a business account: it is in pair-success, usync and its messages. */
  readonly businessName?: string;
  /** The business profile; makes it a business account too. */
  readonly business?: BusinessDescription;
  /** Other numbers that a usync contact query maps to this account, e.g. with the Brazilian ninth digit. */
  readonly alsoReachedAs?: readonly string[];
  /** Absent: none set. */
  readonly picture?: PictureDescription;
  /** Default `visible`. */
  readonly pictureBehaviour?: PictureBehaviour;
  /**
   * The phone's address book; at most 10,000 contacts. An account that a state brought keeps the contacts it had
   * there.
   */
  readonly contacts?: readonly ContactDescription[];
  /**
   * What the phone sends to a new device of the chats so far. Default: every contact and group, without messages.
   * With false it sends none, and rc14 keeps its events back for 20 s.
   */
  readonly history?: HistoryDescription | false;
  /** Phones that this account has blocked. */
  readonly blocked?: readonly string[];
  /** Own privacy settings, e.g. `{ last: "contacts" }`; those not named are `all`. */
  readonly privacy?: Readonly<Record<string, string>>;
}
