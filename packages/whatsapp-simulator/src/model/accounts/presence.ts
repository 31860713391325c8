import type { BinaryNode } from "@whiskeysockets/baileys";
import type { ClientConnection } from "../../wire/client-connection.ts";
import { element, unixSeconds } from "../../wire/stanza.ts";
import type { DeviceRecord } from "./linked-device.ts";

/** Whose presence it is. */
interface PresenceOwner {
  readonly jid: string;
  /** Push name. */
  readonly name: string;
}

/** Whether an account is online, and which devices of others asked to be told. Both last as long as a connection. */
export class Presence {
  readonly #owner: PresenceOwner;
  readonly #online = new Set<DeviceRecord>();
  readonly #watchers = new Map<DeviceRecord, ClientConnection>();
  #lastSeen: string | undefined;

  constructor(owner: PresenceOwner) {
    this.#owner = owner;
  }

  /** A device says that it is there, or not any more. */
  set(device: DeviceRecord, isOnline: boolean): void {
    if (this.#online.has(device) === isOnline) return;
    const before = this.#online.size;
    if (isOnline) this.#online.add(device);
    else this.#online.delete(device);
    this.#lastSeen = unixSeconds();
    if ((before === 0) !== (this.#online.size === 0)) this.announce();
  }

  /** Someone's device wants to know from now on, until it disconnects; it is told how things stand. */
  watch(device: DeviceRecord, connection: ClientConnection): void {
    this.#watchers.set(device, connection);
    connection.send(this.#stanza());
  }

  /** Tells all who asked. `notify` is the push name. */
  announce(): void {
    for (const [device, connection] of this.#watchers)
      if (device.connection === connection) connection.send(this.#stanza());
      else this.#watchers.delete(device);
  }

  #stanza(): BinaryNode {
    const { jid: from, name: notify } = this.#owner;
    if (this.#online.size > 0) return element("presence", { from, notify });
    return element("presence", { from, notify, type: "unavailable", last: this.#lastSeen ?? "deny" });
  }
}
