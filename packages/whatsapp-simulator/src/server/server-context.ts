import type { Clock } from "../cdn/clock.ts";
import type { MediaServer } from "../cdn/media-server.ts";
import type { FaultRules } from "../faults/faults.ts";
import type { Directory } from "../model/directory.ts";
import type { SimulatorEvents } from "../model/events.ts";
import type { Lifetime } from "../model/lifetime.ts";
import type { PhoneMessages } from "../phone/phone-messages.ts";
import type { MessageRouter } from "./message-router.ts";
import type { Notifications } from "./notifications.ts";
import type { CodePairings } from "./pairing/code.ts";
import type { PairSuccess } from "./pairing/pair-success.ts";
import type { QrPairings } from "./pairing/qr.ts";

/** The parts of one simulator, as its stanza handlers see them. */
export interface ServerContext {
  readonly directory: Directory;
  readonly qrPairings: QrPairings;
  readonly codePairings: CodePairings;
  readonly pairSuccess: PairSuccess;
  readonly messages: MessageRouter;
  readonly phones: PhoneMessages;
  readonly clock: Clock;
  readonly notifications: Notifications;
  readonly media: MediaServer;
  /** Long texts go through the CDN, as in life, instead of into the stanza that names them. */
  readonly blobsOnCdn: boolean;
  readonly faults: FaultRules;
  readonly events: SimulatorEvents;
  readonly lifetime: Lifetime;
}
