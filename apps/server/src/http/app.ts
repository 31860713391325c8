import { serveConsole } from "@wuts/console/serve";
import type { Contract } from "@wuts/contract";
import express, { type Express, type RequestHandler } from "express";
import type { Logger } from "pino";
import type { SecurityEvents } from "../accounts/security-events.ts";
import type { TokenCache } from "../accounts/token-cache.ts";
import { Failure } from "../kernel/failures.ts";
import type { Handlers, Services } from "../operations/operation.ts";
import { countViolations, enforceContract } from "./contract/request-validator.ts";
import { createResponseValidator } from "./contract/response-validator.ts";
import { schemasOf } from "./contract/schema-compiler.ts";
import { beginInTurns } from "./fairness/begin-in-turns.ts";
import { type BodiesOptions, readBodies } from "./fairness/bodies.ts";
import type { Shares } from "./fairness/shares.ts";
import { takeTurnsByTenant } from "./fairness/turns-by-tenant.ts";
import { boundUnderWay } from "./fairness/under-way.ts";
import type { HttpEvents } from "./http-observer.ts";
import { docsPage } from "./pages/docs.ts";
import { authenticate } from "./pipeline/authenticate.ts";
import { authorize } from "./pipeline/authorize.ts";
import { composeMiddleware } from "./pipeline/compose-middleware.ts";
import { corsMiddleware, type Origins } from "./pipeline/cors.ts";
import { allowPublicCaching, securityHeaders } from "./pipeline/headers.ts";
import type { MetricsAccess } from "./pipeline/metrics-access.ts";
import { matchOperation } from "./pipeline/operation-matcher.ts";
import type { RateLimits } from "./pipeline/rate-limits.ts";
import { assignRequestId } from "./pipeline/request-id.ts";
import { logRequests } from "./pipeline/request-log.ts";
import { recordRefusedSignIn } from "./pipeline/security-log.ts";
import { rejectLongUrls } from "./pipeline/url-limit.ts";
import { errorResponder } from "./responses/errors.ts";
import { createNdjsonWriter } from "./responses/ndjson.ts";
import { type FollowToken, routeOperations } from "./router.ts";

export interface AppOptions {
  readonly contract: Contract;
  readonly tokens: TokenCache;
  readonly followToken: FollowToken;
  /** The master token in lower case; `undefined`: there is none. */
  readonly masterToken: string | undefined;
  readonly metricsAccess: MetricsAccess;
  readonly limits: RateLimits;
  readonly security: SecurityEvents;
  readonly services: Services;
  readonly handlers: Handlers;
  /** Shares of the requests that are under way. */
  readonly requests: Shares;
  readonly bodies: BodiesOptions;
  readonly corsOrigins: Origins;
  /** The value of Express's `trust proxy` setting. */
  readonly trustProxy: false | number | readonly string[];
  readonly responseViolations: "fail" | "log";
  readonly log: Logger;
  readonly events: HttpEvents;
  /** The URL where a simulated phone can be operated; `undefined`: there is none. */
  readonly phoneUrl: string | undefined;
  /** The folder that the console was built into; `undefined`: the usual one. */
  readonly consoleFolder: string | undefined;
  /** Middleware that gets requests before their handlers do, and may send responses that no handler could. */
  readonly intercept: RequestHandler | undefined;
}

/** Creates the Express app: the middleware of a request, from its id to its response. */
export function createApp(options: AppOptions): Express {
  const { contract, log, events, metricsAccess } = options;
  const violations = countViolations(options.responseViolations, log, events);
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  // Whatever `NODE_ENV` is: Express itself responds where no handler does, and would show a stack trace.
  app.set("env", "production");
  app.set("trust proxy", options.trustProxy);
  const schemas = schemasOf(contract);
  const sendJson = createResponseValidator(contract, schemas, violations);
  app.use(
    composeMiddleware(
      assignRequestId,
      logRequests(log, events, options.security),
      securityHeaders,
      rejectLongUrls,
    ),
  );
  app.use("/docs", docsPage(contract));
  const console = serveConsole({ phoneUrl: options.phoneUrl, folder: options.consoleFolder });
  if (console) app.use(console);
  else {
    log.warn(noConsole);
    app.use("/console", () => {
      throw new Failure("RouteNotFound", { message: noConsole });
    });
  }
  if (options.corsOrigins.length > 0) app.use(corsMiddleware(options.corsOrigins, contract));
  const underWay = boundUnderWay(options.requests);
  app.use(
    composeMiddleware(
      matchOperation(contract),
      allowPublicCaching,
      authenticate(options.tokens, options.masterToken, metricsAccess, options.limits),
      takeTurnsByTenant,
      beginInTurns(),
      options.limits.countFailedAuth,
      options.limits.countRequests,
      authorize(options.masterToken !== undefined, metricsAccess),
      underWay.ofCallers,
      readBodies(options.bodies),
      underWay.ofAllTenants,
      enforceContract(contract),
      ...(options.intercept ? [options.intercept] : []),
      routeOperations(
        contract,
        options.handlers,
        options.services,
        sendJson,
        createNdjsonWriter(contract, schemas, violations),
        options.followToken,
      ),
    ),
  );
  app.use(recordRefusedSignIn, options.limits.countRefusedSignIns);
  app.use(() => {
    throw new Failure("RouteNotFound");
  });
  // An error response that breaks the contract of its operation is a bug of its own, and is answered as one.
  const answer = errorResponder(contract, violations, sendJson, log);
  app.use(answer, answer);
  return app;
}

const noConsole = "there is no console: npm run build makes it";
