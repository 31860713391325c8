import type { DisconnectReason } from "@wuts/contract";

/** Why a connection to WhatsApp ended. */
export interface Close {
  readonly reason: DisconnectReason;
  /** Baileys' status code, where there is one: most are WhatsApp's own. */
  readonly code: number | null;
}

/**
 * Reads what Baileys gives as `lastDisconnect.error`.
 *
 * The codes are those of Baileys rc14's DisconnectReason, each seen on loopback. A connection that never got an answer
 * failed on the way there, whatever code its error carries (a refused TLS certificate comes as 500).
 * @param heard whether WhatsApp sent anything on this connection
 */
export function readClose(error: unknown, heard: boolean): Close {
  const code = statusCodeOf(error);
  if (!heard) return { reason: "connection_lost", code: null };
  if (code === 408 && messageOf(error).startsWith("QR refs")) return { reason: "pairing_expired", code };
  return { reason: reasons.get(code) ?? "unknown", code };
}

const reasons: ReadonlyMap<number | null, DisconnectReason> = new Map([
  [401, "logged_out"],
  [403, "banned"],
  [405, "client_outdated"],
  [408, "timed_out"],
  [411, "multidevice_mismatch"],
  [428, "connection_lost"],
  [440, "replaced"],
  [503, "service_unavailable"],
  [515, "restart_required"],
]);

/** @returns the status code of a Boom, the kind of error that Baileys throws, else `null` */
export function statusCodeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !("output" in error)) return null;
  const { output } = error;
  if (typeof output !== "object" || output === null || !("statusCode" in output)) return null;
  return typeof output.statusCode === "number" ? output.statusCode : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}
