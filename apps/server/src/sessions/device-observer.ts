import type { DisconnectReason } from "@wuts/contract";

/** Told of what happens to the connections and queries of all devices; for whoever counts it. */
export interface DeviceEvents {
  /** A connection to WhatsApp has ended. */
  connectionClosed(reason: DisconnectReason): void;
  /** A connection that was lost is opened again. @param reason why it was lost */
  reconnecting(reason: DisconnectReason): void;
  /** WhatsApp was asked. @param kind the query's `xmlns` @param seconds how long it took, without the wait for its turn */
  queryEnded(kind: string, outcome: QueryOutcome, seconds: number): void;
}

/** What a query came to. `not_ready`: the connection ended first. */
export type QueryOutcome = "answered" | "refused" | "timeout" | "not_ready" | "failed";
