import type { IncomingMessage } from "node:http";
import type { Contract, OperationDescription } from "@wuts/contract";
import type { Request, RequestHandler } from "express";
import { Failure } from "../../kernel/failures.ts";
import { createContextKey } from "./request-context.ts";

const asked = createContextKey<IncomingMessage, OperationDescription>();

/**
 * Finds the operation that a request is for. Matches the contract's paths exactly: Express and the validator would accept
 * `/Devices/` for `/devices`. HTTP requires `Allow` with a 405, which the validator does not add.
 */
export function matchOperation(contract: Contract): RequestHandler {
  const lookUp = operationsForPath(contract);
  return (request, response, next) => {
    const here = lookUp(request.path);
    if (here.length === 0) throw routeNotFound(lookUp, request.path);
    // Wherever GET works, HEAD does (RFC 9110, section 9.3.2). Node sends no body in response to what arrived as HEAD.
    if (request.method === "HEAD" && here.some(({ method }) => method === "get")) request.method = "GET";
    const operation = here.find(({ method }) => method.toUpperCase() === request.method);
    if (!operation) {
      response.setHeader("Allow", methodsOf(here).join(", "));
      throw new Failure("MethodNotAllowed");
    }
    asked.set(request, operation);
    next();
  };
}

/** @returns the methods that a path takes, in capitals */
export function methodsOf(here: readonly OperationDescription[]): string[] {
  return here.flatMap(({ method }) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()]));
}

/** The failure names the path of the contract that a slip in the slashes or the case was meant to be. */
function routeNotFound(lookUp: ReturnType<typeof operationsForPath>, path: string): Failure {
  const [meant] = lookUp(path.replaceAll(/\/+/g, "/").replace(/\/$/, "").toLowerCase());
  if (!meant) return new Failure("RouteNotFound");
  return new Failure("RouteNotFound", { message: `there is nothing at this path: ${meant.path} was meant` });
}

/** @returns a function that finds the operations of a path: at most one for each HTTP method */
export function operationsForPath({
  operations,
}: Contract): (path: string) => readonly OperationDescription[] {
  const routes = operations.map((operation) => ({ operation, pattern: patternOf(operation.path) }));
  const at = (path: string) =>
    routes.filter(({ pattern }) => pattern.test(path)).map(({ operation }) => operation);
  // Paths without parameters, which are most of them, are found by equality.
  const plain = new Map(operations.map(({ path }) => [path, at(path)]));
  return (path) => plain.get(path) ?? at(path);
}

/** @returns which operation of the contract the request is for; `undefined` before `describedRoutes`, or for none */
export function operationOf(request: Request): OperationDescription | undefined {
  return asked.of(request);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`);
}
