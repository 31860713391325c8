import type { BinaryNode } from "@whiskeysockets/baileys";

/** A client's connection, for modules that send on it or end it. */
export interface ClientConnection {
  send(stanza: BinaryNode): void;
  /** Sends a last stanza and closes the WebSocket behind it. */
  endWith(stanza: BinaryNode): void;
  /** Cuts the TCP connection without a word. */
  drop(): void;
  /** Leaves the TCP connection open but answers nothing any more. */
  goSilent(): void;
  /** Leaves the TCP connection open but does not even read any more. */
  unplug(): void;
}
