import type { statusOfCode } from "../generated/answers.gen.ts";
import { type ErrorCode, WutsError } from "./wuts-error.ts";

/** The codes of the server's errors with one of these statuses. A proxy's page with such a status is `UNEXPECTED_ANSWER`. */
type CodesOf<Status extends number> =
  | { [Code in ErrorCode]: (typeof statusOfCode)[Code] extends Status ? Code : never }[ErrorCode]
  | "UNEXPECTED_ANSWER";

/** There is no token, or the server does not know it. */
export class WutsAuthenticationError extends WutsError {
  override readonly name = "WutsAuthenticationError";
  declare readonly code: CodesOf<401>;
}

/** The user, or the linked account, may not do this. */
export class WutsPermissionError extends WutsError {
  override readonly name = "WutsPermissionError";
  declare readonly code: CodesOf<403>;
}

/** What was asked for is not there, or hidden from the caller. */
export class WutsNotFoundError extends WutsError {
  override readonly name = "WutsNotFoundError";
  declare readonly code: CodesOf<404>;
}

/** The request is right, but does not fit what there is: a device that is not paired, an email that is taken, a quota. */
export class WutsConflictError extends WutsError {
  override readonly name = "WutsConflictError";
  declare readonly code: CodesOf<409 | 422>;
}

/** The request itself is wrong; `validation` says which fields and why, unless the client found it before it sent anything. */
export class WutsValidationError extends WutsError {
  override readonly name = "WutsValidationError";
  declare readonly code: CodesOf<400> | "INVALID_ARGUMENT";
}

/** Too many requests, for the server or for WhatsApp. `retryAfter` says how long to wait. */
export class WutsRateLimitError extends WutsError {
  override readonly name = "WutsRateLimitError";
  declare readonly code: CodesOf<429>;
}

/** The server did not respond within `timeoutMs`, or WhatsApp did not respond to the server. */
export class WutsTimeoutError extends WutsError {
  override readonly name = "WutsTimeoutError";
  declare readonly code: CodesOf<504> | "TIMED_OUT";
}

/** The server could not be reached, or the connection was lost. */
export class WutsConnectionError extends WutsError {
  override readonly name = "WutsConnectionError";
  declare readonly code: "NETWORK_ERROR";
}

/** The caller's signal ended the call. */
export class WutsAbortError extends WutsError {
  override readonly name = "WutsAbortError";
  declare readonly code: "ABORTED";
}

/** The server failed, is not ready, or did not get what it needs from WhatsApp. */
export class WutsServerError extends WutsError {
  override readonly name = "WutsServerError";
  declare readonly code: CodesOf<500 | 502 | 503>;
}
