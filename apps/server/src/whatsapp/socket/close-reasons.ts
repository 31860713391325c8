import type { DisconnectReason } from "@wuts/contract";

/** Why a connection to WhatsApp ended. */
export interface Close {
  readonly reason: DisconnectReason;
  /** Baileys' status code, where there is one: most are WhatsApp's own. */
  readonly code: number | null;
  /** The ban, when WhatsApp said that it ends. */
  readonly ban?: Ban;
}

/** A ban that ends: `<failure reason="402" code=… expire=…>`, as whatsmeow's handleConnectFailure reads it. */
export interface Ban {
  /** For how many seconds from now on; `null`: WhatsApp did not say so in a form that can be believed. */
  readonly seconds: number | null;
  /** The reason, by WhatsApp's numbers: 101 to 106 in whatsmeow's TempBanReason; `null`: WhatsApp did not say. */
  readonly kind: number | null;
}

/**
 * Reads what Baileys gives as `lastDisconnect.error`.
 *
 * The codes are those of Baileys rc14's DisconnectReason, each seen on loopback, and of whatsmeow's ConnectFailureReason. A
 * connection that never got an answer failed on the way there, whatever code its error carries (a refused TLS certificate comes
 * as 500).
 * @param heard whether WhatsApp sent anything on this connection
 */
export function readClose(error: unknown, heard: boolean): Close {
  const code = statusCodeOf(error);
  if (error instanceof PasskeyRequired) return { reason: "passkey_required", code: null };
  if (!heard) return { reason: "connection_lost", code: null };
  if (code === 408 && messageOf(error).startsWith("QR refs")) return { reason: "pairing_expired", code };
  const conflict = conflicts.get(conflictIn(error) ?? "");
  if (conflict) return { reason: conflict, code };
  if (code === 402) return { reason: "temporarily_banned", code, ban: banIn(error) };
  const known = reasons.get(code);
  if (known) return { reason: known, code };
  return { reason: isRefusedLogin(error, code) ? "login_refused" : "unknown", code };
}

/** Why a connection that waited to be paired is given up: this server cannot give a passkey. */
export class PasskeyRequired extends Error {}

const reasons: ReadonlyMap<number | null, DisconnectReason> = new Map([
  [401, "logged_out"],
  [403, "banned"],
  [405, "client_outdated"],
  [406, "banned"],
  [408, "timed_out"],
  // WhatsApp rejects the client's own description, as with 405: a newer version of this server may send another one.
  [409, "client_outdated"],
  [411, "multidevice_mismatch"],
  [428, "connection_lost"],
  [440, "replaced"],
  [503, "service_unavailable"],
  [515, "restart_required"],
]);

/**
 * The types of `<stream:error><conflict type=…>`, which count whatever code stands beside them, or none: Baileys rc14 takes
 * every conflict without a code for 440, which means that the connection was replaced.
 */
const conflicts: ReadonlyMap<string, DisconnectReason> = new Map([
  ["device_removed", "logged_out"],
  ["replaced", "replaced"],
]);

/**
 * Whether WhatsApp refused the login itself, by `<failure reason=…>` with a code of the client's side. whatsmeow comes back by
 * itself after 500 and 503 only; the others mean that the same login will be refused again: 400, 413 to 418, and what is not
 * known yet.
 */
function isRefusedLogin(error: unknown, code: number | null): boolean {
  return code !== null && code >= 400 && code < 500 && attributeOf(dataOf(error), "reason") === String(code);
}

function conflictIn(error: unknown): string | undefined {
  const node = dataOf(error);
  return attributeOf(node, "tag") === "conflict" ? attributeOf(at(node, "attrs"), "type") : undefined;
}

function banIn(error: unknown): Ban {
  const attributes = dataOf(error);
  const seconds = wholeNumber(attributeOf(attributes, "expire"));
  return {
    seconds: seconds !== null && seconds <= longestBanSeconds ? seconds : null,
    kind: wholeNumber(attributeOf(attributes, "code")),
  };
}

/** Ten years. A longer value is a point in time rather than a duration, or nonsense. */
const longestBanSeconds = 10 * 366 * 86_400;

/** @returns a whole number above 0, or `null` for what is none */
function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
}

/** Of a `<failure>` Baileys keeps the attributes as the error's `data`, of a `<stream:error>` the first child. */
function dataOf(error: unknown): unknown {
  return error instanceof Error ? at(error, "data") : undefined;
}

function attributeOf(attributes: unknown, name: string): string | undefined {
  const value = at(attributes, name);
  return typeof value === "string" ? value : undefined;
}

function at(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

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
