import type { Contract, ErrorCode, FieldError } from "@wuts/contract";
import type { ErrorRequestHandler, Request } from "express";
import { Failure, type FailureName, validationFailure } from "../../kernel/failures.ts";
import { StorageUnavailable } from "../../storage/engine/unavailable.ts";
import { isOfLengthFirst } from "../contract/length-first.ts";
import { documentsError, type Violations } from "../contract/request-validator.ts";
import type { SendJson } from "../contract/response-validator.ts";
import { noStore } from "../pipeline/headers.ts";
import { requestIdOf } from "../pipeline/request-id.ts";
import { requestOrigin } from "../pipeline/request-origin.ts";
import { fieldErrorOf, type ValidatorError } from "./field-errors.ts";
import { isStreamingNdjson } from "./ndjson.ts";

/** The one table that maps a failure to an HTTP status and error code. */
export const failures: Record<FailureName, { status: number; code: ErrorCode }> = {
  ValidationFailed: { status: 400, code: "VALIDATION_ERROR" },
  InvalidCursor: { status: 400, code: "INVALID_CURSOR" },
  Unauthorized: { status: 401, code: "UNAUTHORIZED" },
  Forbidden: { status: 403, code: "FORBIDDEN" },
  NotGroupAdmin: { status: 403, code: "NOT_GROUP_ADMIN" },
  RouteNotFound: { status: 404, code: "NOT_FOUND" },
  UserNotFound: { status: 404, code: "USER_NOT_FOUND" },
  TokenNotFound: { status: 404, code: "TOKEN_NOT_FOUND" },
  SignInCodeNotFound: { status: 404, code: "SIGN_IN_CODE_NOT_FOUND" },
  TenantNotFound: { status: 404, code: "TENANT_NOT_FOUND" },
  DeviceNotFound: { status: 404, code: "DEVICE_NOT_FOUND" },
  NotOnWhatsApp: { status: 404, code: "NOT_ON_WHATSAPP" },
  GroupNotFound: { status: 404, code: "GROUP_NOT_FOUND" },
  PictureNotSet: { status: 404, code: "PICTURE_NOT_SET" },
  PictureHidden: { status: 404, code: "PICTURE_HIDDEN" },
  MethodNotAllowed: { status: 405, code: "METHOD_NOT_ALLOWED" },
  EmailTaken: { status: 409, code: "EMAIL_TAKEN" },
  LastAdmin: { status: 409, code: "LAST_ADMIN" },
  TenantExists: { status: 409, code: "TENANT_EXISTS" },
  QuotaReached: { status: 409, code: "QUOTA_REACHED" },
  PairingEnded: { status: 409, code: "PAIRING_ENDED" },
  PasskeyRequired: { status: 409, code: "PASSKEY_REQUIRED" },
  DeviceAmbiguous: { status: 409, code: "DEVICE_AMBIGUOUS" },
  DeviceNotPaired: { status: 409, code: "DEVICE_NOT_PAIRED" },
  DeviceAlreadyPaired: { status: 409, code: "DEVICE_ALREADY_PAIRED" },
  OwnAccount: { status: 409, code: "OWN_ACCOUNT" },
  AccountBanned: { status: 409, code: "ACCOUNT_BANNED" },
  IdempotencyKeyInUse: { status: 409, code: "IDEMPOTENCY_KEY_IN_USE" },
  PayloadTooLarge: { status: 413, code: "PAYLOAD_TOO_LARGE" },
  UnsupportedMediaType: { status: 415, code: "UNSUPPORTED_MEDIA_TYPE" },
  RangeNotSatisfiable: { status: 416, code: "RANGE_NOT_SATISFIABLE" },
  IdempotencyKeyReused: { status: 422, code: "IDEMPOTENCY_KEY_REUSED" },
  PairingLimited: { status: 429, code: "PAIRING_LIMITED" },
  RateLimited: { status: 429, code: "RATE_LIMITED" },
  WhatsAppRateLimited: { status: 429, code: "WHATSAPP_RATE_LIMITED" },
  InternalError: { status: 500, code: "INTERNAL_ERROR" },
  WhatsAppError: { status: 502, code: "WHATSAPP_ERROR" },
  ServerNotReady: { status: 503, code: "SERVER_NOT_READY" },
  ServerBusy: { status: 503, code: "SERVER_BUSY" },
  StorageUnavailable: { status: 503, code: "STORAGE_UNAVAILABLE" },
  WhatsAppUnreachable: { status: 503, code: "WHATSAPP_UNREACHABLE" },
  DeviceNotReady: { status: 503, code: "DEVICE_NOT_READY" },
  DeviceBusy: { status: 503, code: "DEVICE_BUSY" },
  DeviceElsewhere: { status: 503, code: "DEVICE_ELSEWHERE" },
  WhatsAppTimeout: { status: 504, code: "WHATSAPP_TIMEOUT" },
};

/** Logs failures that are bugs, or have a cause that the caller must not know. */
export interface ErrorLog {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/**
 * Responds to any thrown value with the error envelope; a value that is no failure is a bug: it is logged and answered as 500.
 */
export function errorResponder(
  contract: Contract,
  violations: Violations,
  sendJson: SendJson,
  log: ErrorLog,
): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const isLate = isStreamingNdjson(response);
    if (response.headersSent && !isLate) return next(error);
    const described = isLate ? onlyInternal : documented;
    const failure = described(asFailure(error, contract, request), request, violations);
    const { status, code } = failures[failure.name];
    const request_id = requestIdOf(response);
    if (status === 500)
      log.error(
        { err: error, request_id, ...requestOrigin(request, response) },
        "a bug: answered as internal error",
      );
    else if (failure.cause !== undefined)
      log.warn(
        { error_code: code, cause: failure.cause, request_id, ...requestOrigin(request, response) },
        failure.message,
      );
    response.locals.errorCode = code;
    const envelope = errorEnvelope(failure, request_id);
    if (isLate) {
      response.end(`${JSON.stringify(envelope)}\n`);
      return;
    }
    response.setHeader("Cache-Control", noStore);
    if (status === 401) response.setHeader("WWW-Authenticate", "Bearer");
    if (failure.retryAfter !== undefined) response.setHeader("Retry-After", failure.retryAfter);
    sendJson(request, response, status, envelope);
  };
}

/** @returns the response body of a failure */
export function errorEnvelope(failure: Failure, request_id: string) {
  return {
    success: false,
    error: failure.message,
    error_code: failures[failure.name].code,
    timestamp: new Date().toISOString(),
    request_id,
    ...(failure.validation && { validation: failure.validation }),
  };
}

/** @returns the failure, or an internal one when the contract does not list it for the operation */
function documented(failure: Failure, request: Request, violations: Violations): Failure {
  const { status, code } = failures[failure.name];
  if (documentsError(request, status, code)) return failure;
  violations.report(request, `${status} ${code} is not documented`);
  return violations.fail ? new Failure("InternalError", { cause: failure }) : failure;
}

/** @returns the failure, or an internal one: once lines are sent, the contract has no other */
function onlyInternal(failure: Failure, request: Request, violations: Violations): Failure {
  if (failure.name === "InternalError") return failure;
  violations.report(request, `${failures[failure.name].code} as a line`);
  return new Failure("InternalError", { cause: failure });
}

/** Express, its body parser and the contract validator throw errors of their own; all carry a `status`. */
function asFailure(error: unknown, contract: Contract, request: Request): Failure {
  if (error instanceof Failure) return error;
  switch (numberAt(error, "status")) {
    case 400:
      return validationFailure(...fieldProblems(error, contract, request));
    case 401:
      return new Failure("Unauthorized");
    case 404:
      return new Failure("RouteNotFound");
    case 405:
      return new Failure("MethodNotAllowed");
    case 413:
      return new Failure("PayloadTooLarge");
    case 415:
      return new Failure("UnsupportedMediaType");
    default:
      return error instanceof StorageUnavailable
        ? new Failure("StorageUnavailable", { cause: error.cause })
        : new Failure("InternalError", { cause: error });
  }
}

function fieldProblems(error: unknown, contract: Contract, request: Request): FieldError[] {
  const listed = at(error, "errors");
  const problems = (Array.isArray(listed) ? listed : [])
    .map((each: unknown) => ({
      path: textAt(each, "path"),
      message: textAt(each, "message"),
      errorCode: textAt(each, "errorCode"),
    }))
    .filter(({ errorCode }) => !isOfLengthFirst(errorCode));
  if (problems.length > 0) return oneOfEach(problems).map((each) => fieldErrorOf(contract, request, each));
  if (at(error, "type") === "entity.parse.failed")
    return [{ field: "body", message: `is not valid JSON${placeInJson(textAt(error, "message"))}` }];
  return [{ field: error instanceof URIError ? "path" : "body", message: "could not be read" }];
}

/** One error of each field says enough: an enum says more than the type beside it, otherwise the first one counts. */
function oneOfEach(problems: readonly ValidatorError[]): ValidatorError[] {
  const isEnum = ({ errorCode }: ValidatorError) => errorCode.startsWith("enum.");
  const first = new Map(problems.toReversed().map((each) => [each.path, each]));
  for (const each of problems.filter(isEnum)) first.set(each.path, each);
  return [...new Set(problems.map(({ path }) => path))].flatMap((path) => first.get(path) ?? []);
}

/** The parser's own message quotes the body, which may hold a secret; the place says enough. */
function placeInJson(message: string): string {
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  if (position !== undefined) return `: see the character at position ${position}, counted from 0`;
  return message.includes("end of JSON") ? ": it ends too early" : "";
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function textAt(value: unknown, key: string): string {
  const found = at(value, key);
  return typeof found === "string" ? found : "";
}

function numberAt(value: unknown, key: string): number | undefined {
  const found = at(value, key);
  return typeof found === "number" ? found : undefined;
}
