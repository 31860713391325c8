import type { proto } from "@whiskeysockets/baileys";

const CAPACITY = 1_000;

/** The secrets of the messages that a phone wrote and received, by id; the oldest are forgotten beyond 1,000. */
export class MessageSecrets {
  readonly #secrets = new Map<string, Uint8Array>();

  keep(id: string, context: proto.IMessageContextInfo | null | undefined): void {
    if (!context?.messageSecret) return;
    this.#secrets.set(id, context.messageSecret);
    const [oldest] = this.#secrets.keys();
    if (this.#secrets.size > CAPACITY && oldest !== undefined) this.#secrets.delete(oldest);
  }

  /** @throws Error when the phone has no such message, or it has no secret. */
  of(id: string): Uint8Array {
    const secret = this.#secrets.get(id);
    if (!secret) throw new Error(`the phone knows no secret of message ${id}`);
    return secret;
  }
}
