import type { WhatsAppEvents } from "../whatsapp/socket/connection-events.ts";

/** What a feature does with one device. The life of a device knows no feature: it only goes through its modules. */
export interface DeviceModule {
  /** Listens on a new connection, before anything comes on it. */
  connected?(events: WhatsAppEvents): void;
  /** Resolves when nothing that was heard waits to be stored. */
  flush?(): Promise<void>;
  /** Forgets what was learned through the linked account: another one may be linked next. */
  forget?(): Promise<void>;
  /** The device's owner has changed its settings. */
  settingsChanged?(): void;
}

/** What a feature does for all devices of a server. Nothing of it may reject. */
export interface ServerModule {
  /** Before the first device connects. */
  start?(): Promise<void>;
  /** Removes what belongs to devices that are gone: at the start, after devices were deleted, and now and then. */
  tidy?(): Promise<void>;
  /** Resolves when nothing is under way that needs the database. */
  stop?(): Promise<void>;
}
