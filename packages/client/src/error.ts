import { createError } from "./errors/create-error.ts";
import type { ErrorCode, WutsError } from "./errors/wuts-error.ts";
import { statusOfCode } from "./generated/answers.gen.ts";
import type { FieldError } from "./generated/types.gen.ts";
import { requestIdOf, secondsToWait } from "./response-headers.ts";

/** Creates the error of a call without a response. @param signal the caller's signal */
export function errorWithoutAnswer(cause: unknown, signal: AbortSignal | undefined): WutsError {
  if (signal?.aborted) return createError("the call was aborted", { status: 0, code: "ABORTED", cause });
  if (cause instanceof Error && cause.name === "TimeoutError") {
    return createError("the server did not answer in time", { status: 0, code: "TIMED_OUT", cause });
  }
  return createError("the server cannot be reached", { status: 0, code: "NETWORK_ERROR", cause });
}

/** Creates the error of a response whose body did not arrive as a whole. */
export function connectionLost(response: Response, cause: unknown): WutsError {
  const requestId = requestIdOf(response);
  const message = "the connection was lost in the middle of the response";
  return createError(message, { status: 0, code: "NETWORK_ERROR", requestId, cause });
}

/** Creates the error of an option or a parameter that cannot be used. */
export function invalidArgument(message: string, cause?: unknown): WutsError {
  return createError(message, { status: 0, code: "INVALID_ARGUMENT", cause });
}

/** Creates the error of a response with an error status. @param body parsed JSON, or text */
export function errorFromAnswer(response: Response, body: unknown): WutsError {
  if (response.status === 304)
    return createError("it has not changed", { ...answerFields(response), code: "NOT_MODIFIED" });
  if (!isErrorEnvelope(body)) return unexpectedAnswer(response, body);
  const { error, error_code: code, request_id, validation } = body;
  const fields = { ...answerFields(response), requestId: request_id };
  // A newer server may send codes that this version does not know; the error keeps its text and body.
  if (!isErrorCode(code)) return createError(error, { ...fields, code: "UNEXPECTED_ANSWER", cause: body });
  return createError(withReason(error, validation), { ...fields, code, validation });
}

/** The text of the server, with the first problem of those that it found: "validation failed: name must not be empty". */
function withReason(text: string, [first, ...others]: readonly FieldError[] = []): string {
  if (first === undefined) return text;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return `${text}: ${first.field} ${first.message}${more}`;
}

/** Creates the error of a response without the contract's envelope. @param cause the body, or the error of reading it */
export function unexpectedAnswer(response: Response, cause: unknown): WutsError {
  const type = response.headers.get("Content-Type") ?? "no content type";
  return createError(`the answer is not one of a WUTS server (status ${response.status}, ${type})`, {
    ...answerFields(response),
    code: "UNEXPECTED_ANSWER",
    cause,
  });
}

function answerFields(response: Response) {
  const { status, headers } = response;
  return {
    status,
    requestId: requestIdOf(response),
    retryAfter: secondsToWait(headers.get("Retry-After")),
  };
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
  return Object.hasOwn(statusOfCode, code);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
