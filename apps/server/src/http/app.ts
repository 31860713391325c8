import type { Contract, OperationDescription } from "@wuts/contract";
import express, { type Express, type RequestHandler } from "express";
import type { Logger } from "pino";
import { Failure } from "../failures.ts";
import type { MetricsAccess } from "../metrics-access.ts";
import type { Handlers, Services } from "../operations/operation.ts";
import type { KnownTokens } from "../people/known-tokens.ts";
import { answersHeldTo } from "./answers.ts";
import { authenticate, callerOf } from "./authenticate.ts";
import { authorize } from "./authorize.ts";
import { countViolations, enforceContract } from "./contract.ts";
import { schemasOf } from "./contract-schemas.ts";
import { letOriginsAsk, type Origins } from "./cors.ts";
import { describedRoutes, operationOf } from "./described-routes.ts";
import { docsPage } from "./docs.ts";
import { answerErrors } from "./errors.ts";
import type { HttpEvents } from "./events.ts";
import { letPublicBeKept, protect } from "./headers.ts";
import { readJsonBody } from "./json-body.ts";
import type { Limits } from "./limits.ts";
import { linesHeldTo } from "./lines.ts";
import { assignRequestId } from "./request-id.ts";
import { logRequests } from "./request-log.ts";
import { routeOperations } from "./router.ts";
import { refuseLongUrls } from "./sizes.ts";

export interface AppOptions {
  readonly contract: Contract;
  readonly tokens: KnownTokens;
  /** In lower case; `undefined`: there is none. */
  readonly masterToken: string | undefined;
  readonly metricsAccess: MetricsAccess;
  readonly limits: Limits;
  readonly services: Services;
  readonly handlers: Handlers;
  /** Of the largest body that the operation takes, in bytes. */
  readonly bodyLimitOf: (operation: OperationDescription) => number;
  readonly corsOrigins: Origins;
  /** As Express takes it. */
  readonly trustProxy: false | number | readonly string[];
  readonly responseViolations: "fail" | "log";
  readonly log: Logger;
  readonly events: HttpEvents;
  /** Gets requests before their handlers do, and may answer what no handler could. */
  readonly intercept: RequestHandler | undefined;
}

/** The way of a request, from its id to its answer. */
export function createApp(options: AppOptions): Express {
  const { contract, log, events, metricsAccess } = options;
  const violations = countViolations(options.responseViolations, log, events);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  // Whatever `NODE_ENV` is: where nobody else answers Express does, and would show a stack trace.
  app.set("env", "production");
  app.set("trust proxy", options.trustProxy);
  app.use(assignRequestId);
  app.use(logRequests(log, events));
  app.use(protect);
  app.use(refuseLongUrls);
  app.use("/docs", docsPage(contract));
  app.use(letOriginsAsk(options.corsOrigins, contract));
  app.use(describedRoutes(contract));
  app.use(letPublicBeKept);
  app.use(authenticate(options.tokens, options.masterToken, metricsAccess, options.limits));
  app.use(options.limits.countFailedAuth);
  app.use(options.limits.countRequests);
  app.use(authorize(options.masterToken !== undefined, metricsAccess));
  app.use(readBodiesOfCallers(options.bodyLimitOf));
  app.use(enforceContract(contract));
  const schemas = schemasOf(contract);
  app.use(answersHeldTo(contract, schemas, violations));
  if (options.intercept) app.use(options.intercept);
  const sendLines = linesHeldTo(schemas, violations);
  app.use(routeOperations(contract, options.handlers, options.services, sendLines));
  app.use(() => {
    throw new Failure("RouteNotFound");
  });
  // An error that is not answered as its operation describes it is a bug of its own, and answered as such.
  const answer = answerErrors(contract, violations, log);
  app.use(answer, answer);
  return app;
}

/** Nobody unknown gets a body read; a body that no operation describes says nothing, whatever it is. */
function readBodiesOfCallers(limitOf: AppOptions["bodyLimitOf"]): RequestHandler {
  const readers = new Map<number, RequestHandler>();
  return (request, response, next) => {
    const operation = operationOf(request);
    if (!callerOf(request) || !operation?.hasBody) return next();
    const limit = limitOf(operation);
    const read = readers.get(limit) ?? readJsonBody(limit);
    readers.set(limit, read);
    read(request, response, next);
  };
}
