import type { Contract } from "@wuts/contract";
import { asObject, componentsFor, isObject } from "@wuts/contract/document";
import type { Request, RequestHandler } from "express";
import { middleware as openApiValidator } from "express-openapi-validator";
import type { Logger } from "pino";
import { Failure, validationFailure } from "../../kernel/failures.ts";
import type { HttpEvents } from "../http-observer.ts";
import { callerOf } from "../pipeline/authenticate.ts";
import { inTurn } from "../pipeline/compose-middleware.ts";
import { operationOf } from "../pipeline/operation-matcher.ts";
import { requestIdOf } from "../pipeline/request-id.ts";
import { whoOf } from "../pipeline/who.ts";
import { lengthFirst } from "./length-first.ts";
import { onceForContract } from "./once-for-contract.ts";

/** What is done about answers that break the contract. */
export interface Violations {
  /** Whether they are answered as 500; else they are sent as they are. */
  readonly fail: boolean;
  /** Logs and counts one. */
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
      const who = response && { request_id: requestIdOf(response), ...whoOf(request, response) };
      log.error({ operation, violations: count, reason, ...who }, "an answer breaks the contract");
    },
  };
}

/** Holds every request against the contract: paths, methods, parameters, bodies, security. */
export function enforceContract(contract: Contract): RequestHandler {
  const validators = validatorsOf(contract);
  const validate: RequestHandler = (request, response, next) => {
    const operation = operationOf(request);
    if (!operation) throw new Failure("RouteNotFound");
    const { path } = operation;
    const validator = validators.get(path) ?? validatorOf(path, contract);
    validators.set(path, validator);
    validator(request, response, next);
  };
  return inTurn(validate, requireOneOf, requirePlainQuery);
}

const validatorsOf = onceForContract(() => new Map<string, RequestHandler>());

/**
 * Each path has a validator of its own, which knows no other, made when it is first asked for. One for all of them would make
 * the patterns of all paths anew for each request until one matches.
 */
function validatorOf(path: string, { document }: Contract): RequestHandler {
  const handlers = openApiValidator({
    // It writes into what it is given. Its own type of a document is narrower than the specification.
    apiSpec: requestsOf(path, document) as unknown as ApiSpec,
    // The contract check has validated the document itself before.
    validateApiSpec: false,
    // The usual ones take any character for a part of a URL.
    ajvFormats: { mode: "full" },
    validateRequests: { allowUnknownQueryParameters: false, allErrors: true },
    // Answers are `answersHeldTo`'s: it looks at what is sent, the validator at whatever `response.json` is called with.
    validateResponses: false,
    fileUploader: false,
    validateSecurity: {
      handlers: {
        bearerAuth: (request) => callerOf(request)?.kind === "user",
        masterToken: (request) => callerOf(request)?.kind === "master",
        metricsToken: (request) => callerOf(request)?.kind === "metrics",
      },
    },
  });
  return inTurn(...handlers);
}

/**
 * A copy of the contract with the requests of one path, and only those components that they refer to: the validator compiles
 * every component that it is given. Lengths are judged first in it.
 */
function requestsOf(path: string, document: Contract["document"]): Contract["document"] {
  const operations = asObject(lengthFirst(document.paths[path]));
  for (const operation of Object.values(operations).filter(isObject)) {
    if ("responses" in operation) Reflect.set(operation, "responses", {});
  }
  const { securitySchemes } = structuredClone(asObject(document.components));
  const components = asObject(lengthFirst(componentsFor(operations, document)));
  return {
    ...document,
    paths: { [path]: operations },
    components: { ...components, securitySchemes },
  };
}

type ApiSpec = Exclude<Parameters<typeof openApiValidator>[0]["apiSpec"], string>;

/** OpenAPI 3.1 cannot say "one of these parameters" in a form that validators take: `x-requires-one-of` says it. */
const requireOneOf: RequestHandler = (request, _response, next) => {
  const names = operationOf(request)?.requiresOneOf ?? [];
  if (names.length === 0 || names.some((name) => request.query[name] !== undefined)) return next();
  const message = `either ${names.join(" or ")} is required`;
  throw validationFailure(...names.map((field) => ({ field, message })));
};

/**
 * The validator takes for a number what JavaScript does, such as `0x10` or a space, and `1e400`, which is larger than any
 * maximum and passes all of them. Here a number is what JSON calls one. Of a parameter whose name has a bracket, it drops
 * the bracket and what follows, so that `[x]` is no parameter at all to it.
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
 * Whether the contract lists this error for the operation that was asked for; the validator does not look at answers from
 * 500 on. Requests that are for no operation get errors that no operation lists.
 */
export function documentsError(request: Request, status: number, code: string): boolean {
  const asked = operationOf(request);
  return (
    !asked ||
    asked.responses.some((response) => response.status === status && response.errorCodes.includes(code))
  );
}
