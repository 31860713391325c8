import { contractYamlPath, type OperationId, operations } from "@wuts/contract";
import type { Request, RequestHandler } from "express";
import { middleware as openApiValidator } from "express-openapi-validator";
import type { Logger } from "pino";
import { callerOf } from "./authenticate.ts";

/**
 * Holds every request and every answer against the contract: paths, methods, parameters, bodies, security, and the JSON
 * of answers.
 * @param violations what becomes of an answer that breaks the contract: a 500, or a line in the log
 */
export function enforceContract(violations: "fail" | "log", log: Logger): RequestHandler[] {
  let count = 0;
  return openApiValidator({
    apiSpec: contractYamlPath,
    // The contract check has validated the document itself before.
    validateApiSpec: false,
    validateRequests: { allowUnknownQueryParameters: false, allErrors: true },
    validateResponses:
      violations === "fail"
        ? { allErrors: true }
        : {
            allErrors: true,
            onError: (error, _body, request) => {
              count += 1;
              log.error(
                { operation: operationOf(request)?.operationId, violations: count, reason: error.message },
                "an answer breaks the contract",
              );
            },
          },
    validateSecurity: { handlers: { bearerAuth: (request) => callerOf(request) !== undefined } },
  });
}

/** @returns which operation of the contract the request is for, once the contract has been looked at */
export function operationOf(request: Request): { operationId: OperationId } | undefined {
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
