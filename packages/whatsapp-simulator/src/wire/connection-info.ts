import type { BinaryNode } from "@whiskeysockets/baileys";

/** What a fault's predicate or a listener may know about the connection that a stanza came from. */
export interface ConnectionInfo {
  /** Counts from 1 in the order in which clients connected. */
  readonly id: number;
  /** The account's digits and the device's number; undefined while the connection is pairing. */
  readonly phone: string | undefined;
  readonly deviceId: number | undefined;
}

/**
 * Milliseconds between the sending of a stanza and its being on its way, of all that the server sends: answers and what
 * it sends on its own. The order stays. A number counts for the handshake too.
 */
export type Latency = number | ((stanza: BinaryNode, connection: ConnectionInfo) => number);

/** What a client sends first: its hello, and its finish with its identity. */
export type HandshakeStep = "hello" | "finish";
