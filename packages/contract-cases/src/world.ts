import type { Wuts } from "@wuts/client";
import type { Me } from "@wuts/contract";
import type { Simulator } from "@wuts/whatsapp-simulator";
import type { Accounts } from "./accounts.ts";

/** A real server on a simulated WhatsApp, and whatever it takes to arrange something there. */
export interface World {
  /** Of the server, without a slash at the end. */
  readonly url: string;
  /** Of the admin. */
  readonly token: string;
  /** Of the server itself. */
  readonly masterToken: string;
  /** Of the server itself, for its metrics. */
  readonly metricsToken: string;
  /** Calls as the admin. */
  readonly wuts: Wuts;
  /** Calls with the master token. */
  readonly master: Wuts;
  /** The admin, as they were at the start. */
  readonly me: Me;
  /** The device that is paired with the owner's phone. */
  readonly deviceId: string;
  readonly simulator: Simulator;
  readonly accounts: Accounts;
  readonly databaseFile: string;
  stop(): Promise<void>;
}

/** Servers with different settings, in the order in which they are started. */
export const worldNames = [
  /** Short deadlines. Mostly waits, so it comes first. */
  "impatient",
  /** Room for one query only, and all the time there is for it. */
  "occupied",
  /** One device, paired and connected. A lost connection stays lost until a request connects. */
  "usual",
  /** A caller who has no device. */
  "empty",
  /** A token, and an address that signs in, may send so little that it can be used up. */
  "limited",
  /** As `usual`; the one case in it stops it. */
  "closing",
  /** Every handler has a bug. */
  "failing",
  /** What is stored cannot be reached: whatever a handler reads, the database's driver says so. */
  "storageless",
  /** A handler waits for its client to go when the id of the request begins with `held-`. */
  "holding",
  /** There is room for a few requests at once; arranging fills it. */
  "crowded",
  /** Each tenant may have little; the admin's has as many users as it may. */
  "full",
  /** The server has no token of its own, and is told an address of which it cannot know that it is loopback. */
  "masterless",
] as const;

export type WorldName = (typeof worldNames)[number];

/** Requests a minute in `limited`; arranging has to do with it. */
export const requestsOfLimited = 60;

/** Pairings that a tenant may begin in an hour in `full`. */
export const pairingsOfFull = 2;

/** Requests at once in `crowded`: more than it takes to start it. */
export const roomOfCrowded = 4;
