import type { Contract } from "@wuts/contract";
import type { Request, RequestHandler } from "express";
import type { Logger } from "pino";
import { validationFailure } from "../../kernel/failures.ts";
import type { HttpEvents } from "../http-observer.ts";
import { composeMiddleware } from "../pipeline/compose-middleware.ts";
import { operationOf } from "../pipeline/operation-matcher.ts";
import { requestIdOf } from "../pipeline/request-id.ts";
import { requestOrigin } from "../pipeline/request-origin.ts";
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
  return composeMiddleware(requestValidatorsOf(contract).validate, requireOneOf, requirePlainQuery);
}

/** OpenAPI 3.1 cannot say "one of these parameters" in a form that validators take: `x-requires-one-of` says it. */
const requireOneOf: RequestHandler = (request, _response, next) => {
  const names = operationOf(request)?.requiresOneOf ?? [];
  if (names.length === 0 || names.some((name) => request.query[name] !== undefined)) return next();
  const message = `either ${names.join(" or ")} is required`;
  throw validationFailure(...names.map((field) => ({ field, message })));
};

/**
 * Rejects query values that the validator accepts but the contract does not mean. The validator parses numbers as JavaScript
 * does: `0x10`, a space, or `1e400`, which is larger than any maximum and passes all of them. Here a number is a JSON number.
 * The validator also drops a bracket in a parameter's name and the text after it, so that it does not see `[x]` as a parameter
 * at all.
 */
const requirePlainQuery: RequestHandler = (request, _response, next) => {
  const numbers = Object.values<unknown>(request.query).some(isNumber);
  if (!numbers && !/\[|%5b/i.test(request.originalUrl)) return next();
  const written = new URLSearchParams(/\?(.*)$/s.exec(request.originalUrl)?.[1]);
  const oddNumbers = Object.entries<unknown>(request.query)
    .filter(([name, value]) => isNumber(value) && !written.getAll(name).every(isPlainNumber))
    .map(([field]) => ({ field, message: "must be a number, in digits" }));
  const oddNames = [...new Set(written.keys())]
    .filter((name) => name.includes("["))
    .map((field) => ({ field, message: "is not known" }));
  const problems = [...oddNumbers, ...oddNames];
  if (problems.length > 0) throw validationFailure(...problems);
  next();
};

function isNumber(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isNumber) : typeof value === "number";
}

function isPlainNumber(text: string): boolean {
  return /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(text) && Number.isFinite(Number(text));
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
