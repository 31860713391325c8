import type { MediaServer } from "./cdn/media-server.ts";
import type { Clock } from "./clock.ts";
import type { SimulatorEvents } from "./events.ts";
import type { FaultRules } from "./faults.ts";
import type { Lifetime } from "./lifetime.ts";
import type { MessageRouter } from "./messages/message-router.ts";
import type { PhoneMessages } from "./messages/phone-messages.ts";
import type { CodePairings } from "./pairing/code.ts";
import type { PairSuccess } from "./pairing/pair-success.ts";
import type { QrPairings } from "./pairing/qr.ts";
import type { Directory } from "./people/directory.ts";
import type { News } from "./people/news.ts";

/** The parts of one simulator, as its stanza handlers see them. */
export interface World {
  readonly directory: Directory;
  readonly qrPairings: QrPairings;
  readonly codePairings: CodePairings;
  readonly pairSuccess: PairSuccess;
  readonly messages: MessageRouter;
  readonly phones: PhoneMessages;
  readonly clock: Clock;
  readonly news: News;
  readonly media: MediaServer;
  /** Long texts go through the CDN, as in life, instead of into the stanza that names them. */
  readonly blobsOnCdn: boolean;
  readonly faults: FaultRules;
  readonly events: SimulatorEvents;
  readonly lifetime: Lifetime;
}
