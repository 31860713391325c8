import express, { type Express, type RequestHandler } from "express";
import type { Logger } from "pino";
import { Failure } from "../failures.ts";
import type { Handlers, Services } from "../operations/operation.ts";
import type { Users } from "../storage/users.ts";
import { authenticate, callerOf } from "./authenticate.ts";
import { countViolations, enforceContract, methodsOf } from "./contract.ts";
import { docsPage } from "./docs.ts";
import { answerErrors } from "./errors.ts";
import { readJsonBody } from "./json-body.ts";
import { assignRequestId } from "./request-id.ts";
import { logRequests } from "./request-log.ts";
import { routeOperations } from "./router.ts";

export interface AppOptions {
  readonly users: Users;
  readonly services: Services;
  readonly handlers: Handlers;
  readonly bodyLimitBytes: number;
  readonly responseViolations: "fail" | "log";
  readonly log: Logger;
}

/** The way of a request, from its id to its answer. */
export function createApp(options: AppOptions): Express {
  const { log } = options;
  const violations = countViolations(options.responseViolations, log);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(assignRequestId);
  app.use(logRequests(log));
  app.use("/docs", docsPage());
  app.use(describedRoutes);
  app.use(authenticate(options.users));
  app.use(readBodiesOfCallers(options.bodyLimitBytes));
  app.use(enforceContract(violations));
  app.use(routeOperations(options.handlers, options.services));
  app.use(() => {
    throw new Failure("RouteNotFound");
  });
  app.use(answerErrors(violations, log));
  return app;
}

/** Nobody unknown gets a body read: the contract's security check answers them 401 first. */
function readBodiesOfCallers(limit: number): RequestHandler {
  const readJson = readJsonBody(limit);
  return (request, response, next) => {
    if (callerOf(request)) readJson(request, response, next);
    else next();
  };
}

/**
 * Takes the contract's paths as they are written: Express and the validator would take `/Devices/` for `/devices`. HTTP
 * wants `Allow` beside a 405, which the validator does not add.
 */
const describedRoutes: RequestHandler = (request, response, next) => {
  const methods = methodsOf(request.path);
  if (methods.length === 0) throw new Failure("RouteNotFound");
  if (methods.includes(request.method)) return next();
  response.setHeader("Allow", methods.join(", "));
  throw new Failure("MethodNotAllowed");
};
