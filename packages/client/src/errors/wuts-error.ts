import type { statusOfCode } from "../generated/answers.gen.ts";
import type { CodeOfEveryCall, ServerCodes } from "../generated/calls.gen.ts";
import type { FieldError } from "../generated/types.gen.ts";

/** Any `error_code` of the server. */
export type ErrorCode = keyof typeof statusOfCode;

/**
 * The codes of failures without the contract's error envelope: the server could not be reached or the connection was lost, it did
 * not respond within `timeoutMs`, the caller's signal aborted the call, or the response is not from a WUTS server but, for example,
 * from a proxy. `NOT_MODIFIED` says that what the caller has, by its own `If-None-Match`, is what there is. `INVALID_ARGUMENT`: an
 * option or a parameter cannot be used as it is, and nothing was sent.
 */
export type ClientErrorCode =
  | "NETWORK_ERROR"
  | "TIMED_OUT"
  | "ABORTED"
  | "UNEXPECTED_ANSWER"
  | "NOT_MODIFIED"
  | "INVALID_ARGUMENT";

/** The name of a call, as it is written after `wuts.`: `"devices.create"`. */
export type CallName = keyof ServerCodes;

/** The codes that the errors of a call can have: those that the contract lists for it, and those that every call can have. */
export type ErrorCodeOf<Name extends CallName> = ServerCodes[Name] | CodeOfEveryCall | ClientErrorCode;

/** The error of a call, whose `code` is one that this call can fail with. */
export type WutsErrorOf<Name extends CallName> = WutsError & {
  /** The call that failed. */
  readonly call: Name;
  /** What went wrong. */
  readonly code: ErrorCodeOf<Name>;
};

/**
 * The error of every failed call. Branch on `code`; `message` is for humans and may change. A subclass, such as
 * `WutsRateLimitError`, says the family that it belongs to, and so does its `name`.
 */
export class WutsError extends Error {
  /** The name of its class. */
  override readonly name: string = "WutsError";
  /** The HTTP status, or 0 without a response. */
  readonly status: number;
  /** What went wrong: an `error_code` of the contract, or a code of the client. */
  readonly code: ErrorCode | ClientErrorCode;
  /** The call that failed, such as `"devices.create"`. */
  readonly call: CallName | undefined;
  /** Seconds to wait before the same call can succeed, from `Retry-After`. */
  readonly retryAfter: number | undefined;
  /** The id of the request, for logs and support. */
  readonly requestId: string | undefined;
  /** The rejected fields; empty unless `code` is `VALIDATION_ERROR` or `INVALID_CURSOR`. */
  readonly validation: readonly FieldError[];

  /**
   * @param message a text for humans
   * @param fields its other properties
   */
  constructor(message: string, fields: WutsErrorFields) {
    super(message, fields.cause === undefined ? {} : { cause: fields.cause });
    this.status = fields.status;
    this.code = fields.code;
    this.call = fields.call;
    this.retryAfter = fields.retryAfter;
    this.requestId = fields.requestId;
    this.validation = fields.validation ?? [];
  }
}

/** The properties of a `WutsError`. */
export interface WutsErrorFields {
  /** The HTTP status, or 0 without a response. */
  readonly status: number;
  /** What went wrong. */
  readonly code: ErrorCode | ClientErrorCode;
  /** The call that failed. */
  readonly call?: CallName | undefined;
  /** Seconds to wait before the same call can succeed. */
  readonly retryAfter?: number | undefined;
  /** The id of the request. */
  readonly requestId?: string | undefined;
  /** The rejected fields. */
  readonly validation?: readonly FieldError[] | undefined;
  /** The underlying error or body. */
  readonly cause?: unknown;
}
