import { errorCodes } from "./generated/answers.gen.ts";
import type { FieldError } from "./generated/types.gen.ts";
import { secondsToWait } from "./retry-after.ts";

/** Any `error_code` of the server. */
export type ErrorCode = (typeof errorCodes)[number];

/**
 * The codes of failures without the contract's error envelope: the server could not be reached or the connection was lost, it did
 * not respond within `timeoutMs`, the caller's signal aborted the call, or the response is not from a WUTS server but, for example,
 * from a proxy. `NOT_MODIFIED` is a 304 response to the caller's own `If-None-Match`. `INVALID_ARGUMENT`: an option or a parameter
 * cannot be used as it is, and nothing was sent.
 */
export type ClientErrorCode =
  | "NETWORK_ERROR"
  | "TIMED_OUT"
  | "ABORTED"
  | "UNEXPECTED_ANSWER"
  | "NOT_MODIFIED"
  | "INVALID_ARGUMENT";

/** The error of every failed call. Branch on `code`; `message` is for humans and may change. */
export class WutsError extends Error {
  override readonly name = "WutsError";
  /** The HTTP status, or 0 without a response. */
  readonly status: number;
  readonly code: ErrorCode | ClientErrorCode;
  /** Seconds to wait before the same call can succeed, from `Retry-After`. */
  readonly retryAfter: number | undefined;
  /** The id of the request, for logs and support. */
  readonly requestId: string | undefined;
  /** The rejected fields; empty unless `code` is `VALIDATION_ERROR`. */
  readonly validation: readonly FieldError[];

  constructor(message: string, fields: WutsErrorFields) {
    super(message, fields.cause === undefined ? {} : { cause: fields.cause });
    this.status = fields.status;
    this.code = fields.code;
    this.retryAfter = fields.retryAfter;
    this.requestId = fields.requestId;
    this.validation = fields.validation ?? [];
  }
}

/** The properties of a `WutsError`. */
export interface WutsErrorFields {
  readonly status: number;
  readonly code: ErrorCode | ClientErrorCode;
  readonly retryAfter?: number | undefined;
  readonly requestId?: string | undefined;
  readonly validation?: readonly FieldError[] | undefined;
  readonly cause?: unknown;
}

/** Creates the error of a call without a response. @param signal the caller's signal */
export function errorWithoutAnswer(cause: unknown, signal: AbortSignal | undefined): WutsError {
  if (signal?.aborted) return new WutsError("the call was aborted", { status: 0, code: "ABORTED", cause });
  if (cause instanceof Error && cause.name === "TimeoutError") {
    return new WutsError("the server did not answer in time", { status: 0, code: "TIMED_OUT", cause });
  }
  return new WutsError("the server cannot be reached", { status: 0, code: "NETWORK_ERROR", cause });
}

/** Creates the error of a response whose body did not arrive as a whole. */
export function connectionLost(response: Response, cause: unknown): WutsError {
  const { requestId } = answerFields(response);
  const message = "the connection was lost in the middle of the response";
  return new WutsError(message, { status: 0, code: "NETWORK_ERROR", requestId, cause });
}

/** Creates the error of an option or a parameter that cannot be used. */
export function invalidArgument(message: string, cause?: unknown): WutsError {
  return new WutsError(message, { status: 0, code: "INVALID_ARGUMENT", cause });
}

/** Creates the error of a response with an error status. @param body parsed JSON, or text */
export function errorFromAnswer(response: Response, body: unknown): WutsError {
  if (response.status === 304)
    return new WutsError("it has not changed", { ...answerFields(response), code: "NOT_MODIFIED" });
  if (!isErrorEnvelope(body)) return unexpectedAnswer(response, body);
  const { error, error_code: code, request_id, validation } = body;
  const fields = { ...answerFields(response), requestId: request_id };
  // A newer server may send codes that this version does not know; the error keeps its text and body.
  if (!isErrorCode(code)) return new WutsError(error, { ...fields, code: "UNEXPECTED_ANSWER", cause: body });
  return new WutsError(error, { ...fields, code, validation });
}

/** Creates the error of a response without the contract's envelope. @param cause the body, or the error of reading it */
export function unexpectedAnswer(response: Response, cause: unknown): WutsError {
  const type = response.headers.get("Content-Type") ?? "no content type";
  return new WutsError(`the answer is not one of a WUTS server (status ${response.status}, ${type})`, {
    ...answerFields(response),
    code: "UNEXPECTED_ANSWER",
    cause,
  });
}

function answerFields({ status, headers }: Response) {
  const requestId = headers.get("X-Request-Id") ?? undefined;
  return { status, requestId, retryAfter: secondsToWait(headers.get("Retry-After")) };
}

interface ErrorEnvelope {
  error: string;
  error_code: string;
  request_id: string;
  validation?: FieldError[];
}

function isErrorEnvelope(body: unknown): body is ErrorEnvelope {
  if (!isObject(body) || body.success !== false) return false;
  const texts = [body.error, body.error_code, body.request_id];
  return texts.every((text) => typeof text === "string") && isValidation(body.validation);
}

function isValidation(value: unknown): value is FieldError[] | undefined {
  if (value === undefined) return true;
  if (!Array.isArray(value)) return false;
  return value.every((v) => isObject(v) && typeof v.field === "string" && typeof v.message === "string");
}

function isErrorCode(code: string): code is ErrorCode {
  return errorCodes.some((known) => known === code);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
