import type { MediaServer } from "../cdn/media-server.ts";
import type { FaultRules } from "../faults/fault-rules.ts";
import type { Directory } from "../model/directory.ts";
import type { SimulatorEvents } from "../model/events.ts";
import type { Lifetime } from "../model/lifetime.ts";
import type { PhoneMessages } from "./phone-messages.ts";

/** The parts of one simulator that phones use on their own. */
export interface PhoneContext {
  readonly directory: Directory;
  readonly phoneMessages: PhoneMessages;
  readonly media: MediaServer;
  /** Long texts go through the CDN, as in life, instead of into the stanza that names them. */
  readonly blobsOnCdn: boolean;
  readonly faults: FaultRules;
  readonly events: SimulatorEvents;
  readonly lifetime: Lifetime;
}
