import { serveConsole } from "@wuts/console/serve";
import type { Contract } from "@wuts/contract";
import type { Express, RequestHandler } from "express";
import type { Logger } from "pino";
import type { SecurityEvents } from "../accounts/security-events.ts";
import type { TokenCache } from "../accounts/token-cache.ts";
import { Failure } from "../kernel/failures.ts";
import type { Handlers, Services } from "../operations/operation.ts";
import { countViolations } from "./contract/request-validator.ts";
import { createResponseValidator } from "./contract/response-validator.ts";
import { schemasOf } from "./contract/schema-compiler.ts";
import { beginInTurns } from "./fairness/begin-in-turns.ts";
import { type BodiesOptions, readBodies } from "./fairness/bodies.ts";
import type { Shares } from "./fairness/shares.ts";
import { takeTurnsByTenant } from "./fairness/turns-by-tenant.ts";
import { boundUnderWay } from "./fairness/under-way.ts";
import { createFront } from "./front.ts";
import type { HttpEvents } from "./http-observer.ts";
import { docsPage } from "./pages/docs.ts";
import { leadBrowserTo } from "./pages/home.ts";
import { authenticate } from "./pipeline/authenticate.ts";
import { authorize } from "./pipeline/authorize.ts";
import type { Origins } from "./pipeline/cors.ts";
import type { MetricsAccess } from "./pipeline/metrics-access.ts";
import type { RateLimits } from "./pipeline/rate-limits.ts";
import { logRequests } from "./pipeline/request-log.ts";
import { recordRefusedSignIn } from "./pipeline/security-log.ts";
import { createNdjsonWriter } from "./responses/ndjson.ts";
import { type RouterParts, routeOperations } from "./router.ts";

export interface AppOptions extends RouterParts {
  readonly contract: Contract;
  readonly tokens: TokenCache;
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

/** Creates the Express app: the front that the mock has, too, with the live server's stages. */
export function createApp(options: AppOptions): Express {
  const { contract, log, events, metricsAccess } = options;
  const violations = countViolations(options.responseViolations, log, events);
  const schemas = schemasOf(contract);
  const sendJson = createResponseValidator(contract, schemas, violations);
  const underWay = boundUnderWay(options.requests);
  return createFront({
    contract,
    violations,
    sendJson,
    log,
    cors: { origins: options.corsOrigins },
    trustProxy: options.trustProxy,
    stages: {
      observe: [logRequests(log, events, options.security)],
      addPages(app) {
        app.use("/docs", docsPage(contract));
        app.get("/", leadBrowserTo("console/"));
        const console = serveConsole({ phoneUrl: options.phoneUrl, folder: options.consoleFolder });
        if (console) app.use(console);
        else {
          log.warn(noConsole);
          app.use("/console", () => {
            throw new Failure("RouteNotFound", { message: noConsole });
          });
        }
      },
      admit: [
        authenticate(options.tokens, options.masterToken, metricsAccess, options.limits),
        takeTurnsByTenant,
        beginInTurns(),
        options.limits.countFailedAuth,
        options.limits.countRequests,
        authorize(options.masterToken !== undefined, metricsAccess),
        underWay.ofCallers,
      ],
      readBody: readBodies(options.bodies),
      bodyRead: [underWay.ofAllTenants],
      handle: [
        ...(options.intercept ? [options.intercept] : []),
        routeOperations(
          contract,
          options.handlers,
          options.services,
          sendJson,
          createNdjsonWriter(contract, schemas, violations),
          options,
        ),
      ],
      refuse: [recordRefusedSignIn, options.limits.countRefusedSignIns],
    },
  });
}

const noConsole = "there is no console: npm run build makes it";
