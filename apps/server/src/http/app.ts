import type { Contract } from "@wuts/contract";
import express, { type Express, type RequestHandler } from "express";
import type { Logger } from "pino";
import { Failure } from "../failures.ts";
import type { Handlers, Services } from "../operations/operation.ts";
import type { Users } from "../storage/users.ts";
import { authenticate, callerOf } from "./authenticate.ts";
import { authorize } from "./authorize.ts";
import { countViolations, enforceContract } from "./contract.ts";
import { describedRoutes, operationOf } from "./described-routes.ts";
import { docsPage } from "./docs.ts";
import { answerErrors } from "./errors.ts";
import { readJsonBody } from "./json-body.ts";
import { assignRequestId } from "./request-id.ts";
import { logRequests } from "./request-log.ts";
import { routeOperations } from "./router.ts";

export interface AppOptions {
  readonly contract: Contract;
  readonly users: Users;
  readonly services: Services;
  readonly handlers: Handlers;
  readonly bodyLimitBytes: number;
  readonly responseViolations: "fail" | "log";
  readonly log: Logger;
  /** Gets requests before their handlers do, and may answer what no handler could. */
  readonly intercept: RequestHandler | undefined;
}

/** The way of a request, from its id to its answer. */
export function createApp(options: AppOptions): Express {
  const { contract, log } = options;
  const violations = countViolations(options.responseViolations, log);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(assignRequestId);
  app.use(logRequests(log));
  app.use("/docs", docsPage(contract));
  app.use(describedRoutes(contract));
  app.use(authenticate(options.users));
  app.use(authorize);
  app.use(readBodiesOfCallers(options.bodyLimitBytes));
  app.use(enforceContract(contract, violations));
  if (options.intercept) app.use(options.intercept);
  app.use(routeOperations(contract, options.handlers, options.services));
  app.use(() => {
    throw new Failure("RouteNotFound");
  });
  app.use(answerErrors(contract, violations, log));
  return app;
}

/** Nobody unknown gets a body read; a body that no operation describes says nothing, whatever it is. */
function readBodiesOfCallers(limit: number): RequestHandler {
  const readJson = readJsonBody(limit);
  return (request, response, next) => {
    if (callerOf(request) && operationOf(request)?.hasBody) readJson(request, response, next);
    else next();
  };
}
