import { EventEmitter } from "node:events";
import type { BinaryNode } from "@whiskeysockets/baileys";
import type { ConnectionInfo } from "../wire/connection-info.ts";
import { ClientNotSupported } from "../wire/protocol-error.ts";
import type { ReceivedMessage } from "./accounts/inbox.ts";
import type { LinkedDevice } from "./accounts/linked-device.ts";

/** What a listener learns about a device of an account. `phone` is digits. */
export interface DeviceEvent {
  readonly phone: string;
  readonly device: LinkedDevice;
}

export interface SimulatorEventMap {
  /** A device was linked; the server asks it to reconnect next (515). */
  paired: [DeviceEvent];
  login: [DeviceEvent];
  /** A login was refused: `reason` is the `<failure>`'s, `phone` what the client claimed to be. */
  loginRefused: [{ readonly phone: string; readonly reason: number }];
  /** The device removed itself (`sock.logout()`). `unlinked` follows. */
  logout: [DeviceEvent];
  /** The device is no longer linked: the device itself, the phone or a fault removed it. */
  unlinked: [DeviceEvent];
  disconnected: [ConnectionInfo];
  /** A client asked to be linked by code; the phone would now show its notification. */
  pairingCodeRequested: [{ readonly phone: string; readonly display: string }];
  /** A stanza arrived, before any fault or handler saw it. */
  stanza: [{ readonly stanza: BinaryNode; readonly connection: ConnectionInfo }];
  /** A virtual phone decrypted a message. */
  message: [{ readonly phone: string; readonly message: ReceivedMessage }];
  /** A client broke the protocol, or a message to a phone did not decrypt. Never thrown without a listener; a
   * client of another version is then a warning of the process. */
  error: [Error];
}

/** Node's emitter, except that an `error` without a listener is not thrown: a bad client must not end the process. */
export class SimulatorEvents extends EventEmitter<SimulatorEventMap> {
  #warnedOf: string | undefined;

  constructor() {
    super();
    // Any number of tests may wait for a login at once; that is no leak.
    this.setMaxListeners(0);
  }

  report(error: unknown): void {
    if (this.listenerCount("error") > 0)
      this.emit("error", error instanceof Error ? error : new Error(String(error)));
    else if (error instanceof ClientNotSupported) this.#warn(error);
  }

  /** Writes one line on stderr about a client that can never work, not one for each of its attempts. */
  #warn(error: ClientNotSupported): void {
    if (error.message === this.#warnedOf) return;
    this.#warnedOf = error.message;
    process.emitWarning(error);
  }
}
