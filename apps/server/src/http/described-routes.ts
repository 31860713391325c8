import type { Contract, OperationDescription } from "@wuts/contract";
import type { Request, RequestHandler } from "express";
import { Failure } from "../failures.ts";

const asked = new WeakMap<Request, OperationDescription>();

/**
 * Finds the operation that a request is for. Takes the contract's paths as they are written: Express and the validator
 * would take `/Devices/` for `/devices`. HTTP wants `Allow` beside a 405, which the validator does not add.
 */
export function describedRoutes({ operations }: Contract): RequestHandler {
  const routes = operations.map((operation) => ({ operation, pattern: patternOf(operation.path) }));
  return (request, response, next) => {
    const here = routes.filter(({ pattern }) => pattern.test(request.path)).map(({ operation }) => operation);
    if (here.length === 0) throw new Failure("RouteNotFound");
    const operation = here.find(({ method }) => method.toUpperCase() === request.method);
    if (!operation) {
      response.setHeader("Allow", here.map(({ method }) => method.toUpperCase()).join(", "));
      throw new Failure("MethodNotAllowed");
    }
    asked.set(request, operation);
    next();
  };
}

/** @returns which operation of the contract the request is for; `undefined` before `describedRoutes`, or for none */
export function operationOf(request: Request): OperationDescription | undefined {
  return asked.get(request);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`);
}
