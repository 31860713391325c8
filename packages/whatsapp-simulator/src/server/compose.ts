import { Clock } from "../cdn/clock.ts";
import { MediaServer } from "../cdn/media-server.ts";
import { type Connections, FaultRules } from "../faults/fault-rules.ts";
import { Directory } from "../model/directory.ts";
import { SimulatorEvents } from "../model/events.ts";
import { Lifetime } from "../model/lifetime.ts";
import { PhoneMessages } from "../phone/phone-messages.ts";
import { AccountChanges } from "./account-changes.ts";
import { MessageRouter } from "./message-router.ts";
import { Notifications } from "./notifications.ts";
import { CodePairings } from "./pairing/code.ts";
import { PairSuccess } from "./pairing/pair-success.ts";
import { QrPairings } from "./pairing/qr.ts";
import type { ServerContext } from "./server-context.ts";

export interface ServerOptions {
  readonly qrRefs: number;
  readonly pairingCodeLifetimeMs: number;
  readonly mediaUrlLifetimeSeconds: number;
  readonly blobsOnCdn: boolean;
}

/**
 * Wires the parts of one simulator together; nothing is shared with another.
 * @param connections what faults are done to.
 */
export function composeServer(
  { qrRefs, pairingCodeLifetimeMs, mediaUrlLifetimeSeconds, blobsOnCdn }: ServerOptions,
  connections: Connections,
): ServerContext {
  const lifetime = new Lifetime();
  const events = new SimulatorEvents();
  const directory = new Directory();
  const clock = new Clock();
  const media = new MediaServer(clock, mediaUrlLifetimeSeconds);
  const faults = new FaultRules(connections, media.faults);
  const notifications = new Notifications(directory, faults);
  const changes = new AccountChanges({ directory, events, media, notifications });
  const pairSuccess = new PairSuccess({ changes, events, faults, lifetime });
  const phoneMessages = new PhoneMessages(directory, events);
  return {
    lifetime,
    events,
    directory,
    pairSuccess,
    phoneMessages,
    messages: new MessageRouter(directory, phoneMessages),
    qrPairings: new QrPairings(qrRefs, pairSuccess),
    codePairings: new CodePairings({ directory, pairSuccess, events, lifetime }, pairingCodeLifetimeMs),
    clock,
    changes,
    notifications,
    media,
    blobsOnCdn,
    faults,
  };
}
