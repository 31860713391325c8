import { contractYamlPath, operations, type ResponseDescription } from "@wuts/contract";
import type { Request, RequestHandler } from "express";
import { middleware as openApiValidator } from "express-openapi-validator";
import type { Logger } from "pino";
import { callerOf } from "./authenticate.ts";

/** What is done about answers that break the contract. */
export interface Violations {
  /** Whether they are answered as 500; else they are sent as they are. */
  readonly fail: boolean;
  /** Logs and counts one. */
  report(request: Request, reason: string): void;
}

export function countViolations(policy: "fail" | "log", log: Logger): Violations {
  let count = 0;
  return {
    fail: policy === "fail",
    report(request, reason) {
      count += 1;
      const operation = operationOf(request)?.operationId;
      log.error({ operation, violations: count, reason }, "an answer breaks the contract");
    },
  };
}

/**
 * Holds every request and every answer against the contract: paths, methods, parameters, bodies, security, and the JSON
 * of answers.
 */
export function enforceContract(violations: Violations): RequestHandler[] {
  return openApiValidator({
    apiSpec: contractYamlPath,
    // The contract check has validated the document itself before.
    validateApiSpec: false,
    validateRequests: { allowUnknownQueryParameters: false, allErrors: true },
    validateResponses: {
      allErrors: true,
      onError: (error, _body, request) => {
        violations.report(request, error.message);
        if (violations.fail) throw error;
      },
    },
    validateSecurity: { handlers: { bearerAuth: (request) => callerOf(request) !== undefined } },
  });
}

/**
 * Whether the contract lists this error for the operation that was asked for; the validator does not look at answers from
 * 500 on. Requests that are for no operation get errors that no operation lists.
 */
export function documentsError(request: Request, status: number, code: string): boolean {
  const asked = operationOf(request);
  const responses: readonly ResponseDescription[] = asked?.responses ?? [];
  return (
    !asked || responses.some((response) => response.status === status && response.errorCodes.includes(code))
  );
}

/** @returns which operation of the contract the request is for, once the contract has been looked at */
export function operationOf(request: Request): (typeof operations)[number] | undefined {
  const found: unknown = Reflect.get(request, "openapi");
  const route = typeof found === "object" && found !== null ? Reflect.get(found, "openApiRoute") : undefined;
  return operations.find(({ path, method }) => path === route && method === request.method.toLowerCase());
}

/** @returns the methods that the contract describes for a path, for the `Allow` header; empty for unknown paths */
export function methodsOf(path: string): string[] {
  return pathPatterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
}

const pathPatterns = operations.map(({ path, method }) => ({
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
  method: method.toUpperCase(),
}));
