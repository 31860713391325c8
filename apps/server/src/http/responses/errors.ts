import type { Contract, ErrorCode, FieldError } from "@wuts/contract";
import type { ErrorRequestHandler, Request } from "express";
import type { Logger } from "pino";
import { Failure, type FailureName, validationFailure } from "../../kernel/failures.ts";
import { StorageUnavailable } from "../../storage/engine/unavailable.ts";
import { isOfLengthFirst } from "../contract/length-first.ts";
import { documentsError, type Violations } from "../contract/request-validator.ts";
import type { SendJson } from "../contract/response-validator.ts";
import { noStore } from "../pipeline/headers.ts";
import { requestIdOf } from "../pipeline/request-id.ts";
import { requestOrigin } from "../pipeline/request-origin.ts";
import { isStreamingNdjson } from "./ndjson.ts";

/** The one table that maps a failure to an HTTP status and error code. */
export const failures: Record<FailureName, { status: number; code: ErrorCode }> = {
  ValidationFailed: { status: 400, code: "VALIDATION_ERROR" },
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
  PayloadTooLarge: { status: 413, code: "PAYLOAD_TOO_LARGE" },
  UnsupportedMediaType: { status: 415, code: "UNSUPPORTED_MEDIA_TYPE" },
  RangeNotSatisfiable: { status: 416, code: "RANGE_NOT_SATISFIABLE" },
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

/**
 * Responds to any thrown value with the error envelope; a value that is no failure is a bug: it is logged and answered as 500.
 */
export function errorResponder(
  contract: Contract,
  violations: Violations,
  sendJson: SendJson,
  log: Logger,
): ErrorRequestHandler {
  const meanings = new Map(patternsIn(contract.document));
  return (error: unknown, request, response, next) => {
    const isLate = isStreamingNdjson(response);
    if (response.headersSent && !isLate) return next(error);
    const described = isLate ? onlyInternal : documented;
    const failure = described(asFailure(error, meanings), request, violations);
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
function asFailure(error: unknown, meanings: PatternMeanings): Failure {
  if (error instanceof Failure) return error;
  switch (numberAt(error, "status")) {
    case 400:
      return validationFailure(...fieldProblems(error, meanings));
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

function fieldProblems(error: unknown, meanings: PatternMeanings): FieldError[] {
  const listed = at(error, "errors");
  const problems = (Array.isArray(listed) ? listed : [])
    .filter((problem: unknown) => !isOfLengthFirst(textAt(problem, "errorCode")))
    .map((problem: unknown) => ({
      field: fieldName(textAt(problem, "path")),
      message: inWords(textAt(problem, "path"), textAt(problem, "message"), meanings),
    }));
  if (problems.length > 0) return problems;
  if (at(error, "type") === "entity.parse.failed") return [{ field: "body", message: "is not valid JSON" }];
  return [{ field: error instanceof URIError ? "path" : "body", message: "could not be read" }];
}

/** Replaces a regular expression in a message with the contract's description of the pattern. */
function inWords(path: string, message: string, meanings: PatternMeanings): string {
  // A query is text, so what is not a string there is a list: the parameter was repeated.
  if (path.startsWith("/query/") && message === "must be string") return "must be given only once";
  const pattern = /^must match pattern "(.*)"$/s.exec(message)?.[1];
  const meaning = pattern === undefined ? undefined : meanings.get(pattern);
  return meaning === undefined ? message : `must be: ${meaning}`;
}

type PatternMeanings = ReadonlyMap<string, string>;

/** Every `pattern` of the contract with the `description` beside it. */
function* patternsIn(node: unknown): Generator<[pattern: string, meaning: string]> {
  if (typeof node !== "object" || node === null) return;
  const pattern = textAt(node, "pattern");
  const meaning = textAt(node, "description");
  if (pattern && meaning) yield [pattern, meaning];
  for (const child of Object.values(node)) yield* patternsIn(child);
}

/** The validator writes `/query/jid`, `/body/phone`, `/body`; callers know `jid`, `phone`, `body`. */
function fieldName(path: string): string {
  const [place = "", ...names] = path.split("/").filter((part) => part !== "");
  return names.length > 0 ? names.join(".") : place || "body";
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
