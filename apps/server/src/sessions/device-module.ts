import type { WhatsAppEvents } from "../whatsapp/socket/connection-events.ts";

/** Lifecycle hooks of a feature for one device. `sessions/` knows no feature: it only calls its modules. */
export interface DeviceModule {
  /** Subscribes to a new connection, before any event arrives on it. */
  connected?(events: WhatsAppEvents): void;
  /** Resolves when no received update waits to be stored. */
  flush?(): Promise<void>;
  /** Deletes what was learned through the linked account: another account may be linked next. */
  forget?(): Promise<void>;
  /** Called after the device's owner has changed its settings. */
  settingsChanged?(): void;
}

/** Lifecycle hooks of a feature for all devices of a server. None of them may reject. */
export interface ServerModule {
  /** Called before the first device connects. */
  start?(): Promise<void>;
  /** Removes data of deleted devices: at the start, after deletions, and periodically. */
  tidy?(): Promise<void>;
  /** Resolves when no work that needs the database is under way. */
  stop?(): Promise<void>;
}
