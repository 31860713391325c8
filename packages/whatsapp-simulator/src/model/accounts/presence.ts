import type { BinaryNode } from "@whiskeysockets/baileys";
import type { ClientConnection } from "../../wire/client-connection.ts";
import { element, unixSeconds } from "../../wire/stanza.ts";
import type { DeviceRecord } from "./linked-device.ts";

/** The account that the presence belongs to. */
interface PresenceOwner {
  readonly jid: string;
  /** Push name. */
  readonly name: string;
}

/** Whether an account is online, and which devices of other accounts subscribe to that. Both last as long as a connection. */
export class Presence {
  readonly #owner: PresenceOwner;
  readonly #online = new Set<DeviceRecord>();
  readonly #subscribers = new Map<DeviceRecord, ClientConnection>();
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

  /** Subscribes a device, until it disconnects, and sends it the presence as it is now. */
  subscribe(device: DeviceRecord, connection: ClientConnection): void {
    this.#subscribers.set(device, connection);
    connection.send(this.#stanza());
  }

  /** Sends the presence to all subscribers. `notify` is the push name. */
  announce(): void {
    for (const [device, connection] of this.#subscribers)
      if (device.connection === connection) connection.send(this.#stanza());
      else this.#subscribers.delete(device);
  }

  #stanza(): BinaryNode {
    const { jid: from, name: notify } = this.#owner;
    if (this.#online.size > 0) return element("presence", { from, notify });
    return element("presence", { from, notify, type: "unavailable", last: this.#lastSeen ?? "deny" });
  }
}
