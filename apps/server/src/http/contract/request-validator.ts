import type { Contract } from "@wuts/contract";
import type { Request, RequestHandler } from "express";
import type { Logger } from "pino";
import { validationFailure } from "../../kernel/failures.ts";
import type { HttpEvents } from "../http-observer.ts";
import { composeMiddleware } from "../pipeline/compose-middleware.ts";
import { operationOf } from "../pipeline/operation-matcher.ts";
import { requestIdOf } from "../pipeline/request-id.ts";
import { requestOrigin } from "../pipeline/request-origin.ts";
import { canonicalUuids } from "./canonical-uuids.ts";
import { requestValidatorsOf } from "./request-validators.ts";

/** How the server treats responses that break the contract. */
export interface Violations {
  /** Whether such a response is replaced with a 500; otherwise it is sent as it is. */
  readonly fail: boolean;
  /** Logs and counts a violation. */
  report(request: Request, reason: string): void;
}

export function countViolations(policy: "fail" | "log", log: Logger, events: HttpEvents): Violations {
  let count = 0;
  return {
    fail: policy === "fail",
    report(request, reason) {
      count += 1;
      const operation = operationOf(request)?.operationId;
      events.contractBroken(operation);
      const { res: response } = request;
      const who = response && { request_id: requestIdOf(response), ...requestOrigin(request, response) };
      log.error({ operation, violations: count, reason, ...who }, "an answer breaks the contract");
    },
  };
}

/** Validates every request against the contract: paths, methods, parameters, bodies, security. */
export function enforceContract(contract: Contract): RequestHandler {
  return composeMiddleware(
    requireDecodablePath,
    canonicalUuids(contract),
    requireNamesWithoutBrackets,
    requestValidatorsOf(contract).validate,
    requireOneOf,
    requirePlainNumbers,
    boundListsTogether,
  );
}

/** The validator cannot say which part of a path it could not decode. */
const requireDecodablePath: RequestHandler = (request, _response, next) => {
  const names = operationOf(request)?.path.split("/") ?? [];
  const problems = request.path
    .split("/")
    .flatMap((part, index) => (isDecodable(part) ? [] : [names[index] ?? "path"]))
    .map((name) => ({ field: name.replaceAll(/[{}]/g, ""), message: "must be UTF-8, percent-encoded" }));
  if (problems.length > 0) throw validationFailure(...problems);
  next();
};

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** OpenAPI 3.1 cannot say "one of these parameters" in a form that validators take: `x-requires-one-of` says it. */
const requireOneOf: RequestHandler = (request, _response, next) => {
  const names = operationOf(request)?.requiresOneOf ?? [];
  if (names.length === 0 || names.some((name) => request.query[name] !== undefined)) return next();
  const message = `either ${names.join(" or ")} is required`;
  throw validationFailure(...names.map((field) => ({ field, message })));
};

/** JSON Schema cannot count the items of several lists; `x-max-together` does. */
const boundListsTogether: RequestHandler = (request, _response, next) => {
  const most = operationOf(request)?.maxTogether;
  if (typeof most !== "number") return next();
  const lists = Object.entries<unknown>(request.body).flatMap(([field, value]) =>
    Array.isArray(value) ? [{ field, length: value.length }] : [],
  );
  const all = lists.reduce((sum, { length }) => sum + length, 0);
  if (all <= most) return next();
  const message = `must have at most ${most} items together with the other lists, and they have ${all}`;
  throw validationFailure(...lists.map(({ field }) => ({ field, message })));
};

/** The query parser and the validator read `x[]` as `x`, and do not see `[x]` at all. */
const requireNamesWithoutBrackets: RequestHandler = (request, _response, next) => {
  if (!/\[|%5b/i.test(request.originalUrl)) return next();
  const problems = [...writtenQuery(request).keys()]
    .filter((name) => name.includes("["))
    .map((field) => ({ field, message: "is not known: no name has a bracket" }));
  if (problems.length > 0) throw validationFailure(...problems);
  next();
};

/**
 * The validator parses numbers as JavaScript does: `0x10`, `1e1`, a space, or `1e400`, which is larger than any maximum and passes
 * all of them. Here a number is digits.
 */
const requirePlainNumbers: RequestHandler = (request, _response, next) => {
  if (!Object.values<unknown>(request.query).some(isNumber)) return next();
  const written = writtenQuery(request);
  const problems = Object.entries<unknown>(request.query)
    .filter(([name, value]) => isNumber(value) && !written.getAll(name).every(isPlainNumber))
    .map(([field]) => ({ field, message: "must be a number in digits, such as 50" }));
  if (problems.length > 0) throw validationFailure(...problems);
  next();
};

function writtenQuery({ originalUrl }: Request): URLSearchParams {
  return new URLSearchParams(/\?(.*)$/s.exec(originalUrl)?.[1]);
}

function isNumber(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isNumber) : typeof value === "number";
}

function isPlainNumber(text: string): boolean {
  return /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/.test(text) && Number.isFinite(Number(text));
}

/**
 * Whether the contract lists this error for the requested operation; the validator does not look at responses from 500 on.
 * Requests that match no operation get errors that no operation lists.
 */
export function documentsError(request: Request, status: number, code: string): boolean {
  const asked = operationOf(request);
  return (
    !asked ||
    asked.responses.some((response) => response.status === status && response.errorCodes.includes(code))
  );
}
