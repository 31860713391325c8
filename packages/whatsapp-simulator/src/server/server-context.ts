import type { Clock } from "../cdn/clock.ts";
import type { PhoneContext } from "../phone/phone-context.ts";
import type { AccountChanges } from "./account-changes.ts";
import type { MessageRouter } from "./message-router.ts";
import type { Notifications } from "./notifications.ts";
import type { CodePairings } from "./pairing/code.ts";
import type { PairSuccess } from "./pairing/pair-success.ts";
import type { QrPairings } from "./pairing/qr.ts";

/** The parts of one simulator, as its stanza handlers see them. */
export interface ServerContext extends PhoneContext {
  readonly qrPairings: QrPairings;
  readonly codePairings: CodePairings;
  readonly pairSuccess: PairSuccess;
  readonly messages: MessageRouter;
  readonly changes: AccountChanges;
  readonly notifications: Notifications;
  readonly clock: Clock;
}
