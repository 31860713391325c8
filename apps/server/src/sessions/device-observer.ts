import type { DisconnectReason } from "@wuts/contract";

/** Observes the connections and queries of all devices, for metrics. */
export interface DeviceEvents {
  /** A connection to WhatsApp has ended. */
  connectionClosed(reason: DisconnectReason): void;
  /** A lost connection is opened again. @param reason why it was lost */
  reconnecting(reason: DisconnectReason): void;
  /** A query has ended. @param kind the query's `xmlns` @param seconds how long it took, without the wait in the queue */
  queryEnded(kind: string, outcome: QueryOutcome, seconds: number): void;
}

/** The outcome of a query. `not_ready`: the connection ended first. */
export type QueryOutcome = "answered" | "refused" | "timeout" | "not_ready" | "failed";
