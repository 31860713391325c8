import type { proto } from "@whiskeysockets/baileys";
import type { Lifetime } from "../lifetime.ts";

/** A message that a virtual phone received and decrypted. */
export interface ReceivedMessage {
  readonly id: string;
  /** JID of the device that sent it, e.g. `5511999999999:1@s.whatsapp.net`. */
  readonly from: string;
  /** JID of the chat it belongs to: the other account, or the group. */
  readonly chat: string;
  /** True when a device of this account sent it, so that this is the phone's own copy. */
  readonly fromMe: boolean;
  readonly encryption: "pkmsg" | "msg" | "skmsg";
  readonly message: proto.IMessage;
}

const CAPACITY = 1_000;

/** What a phone received, oldest first; the oldest are forgotten beyond 1,000. */
export class Inbox {
  readonly #lifetime: Lifetime;
  readonly #received: ReceivedMessage[] = [];
  readonly #untaken: ReceivedMessage[] = [];
  readonly #waiting = new Set<(message: ReceivedMessage) => boolean>();

  constructor(lifetime: Lifetime) {
    this.#lifetime = lifetime;
  }

  get messages(): readonly ReceivedMessage[] {
    return this.#received;
  }

  add(message: ReceivedMessage): void {
    this.#received.push(message);
    if (this.#received.length > CAPACITY) this.#received.shift();
    for (const offer of this.#waiting) if (offer(message)) return;
    this.#untaken.push(message);
    if (this.#untaken.length > CAPACITY) this.#untaken.shift();
  }

  /** The first message that matches and that no earlier wait has taken; it may have arrived already. */
  next(matches: (message: ReceivedMessage) => boolean, milliseconds: number): Promise<ReceivedMessage> {
    const index = this.#untaken.findIndex(matches);
    const [arrived] = index < 0 ? [] : this.#untaken.splice(index, 1);
    if (arrived) return Promise.resolve(arrived);
    return this.#lifetime.wait("a message in the inbox", milliseconds, (resolve) => {
      const offer = (message: ReceivedMessage) => {
        if (!matches(message)) return false;
        this.#waiting.delete(offer);
        resolve(message);
        return true;
      };
      this.#waiting.add(offer);
      return () => this.#waiting.delete(offer);
    });
  }
}
