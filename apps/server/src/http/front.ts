import type { Contract } from "@wuts/contract";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { Failure } from "../kernel/failures.ts";
import { enforceContract, type Violations } from "./contract/request-validator.ts";
import type { SendJson } from "./contract/response-validator.ts";
import { composeMiddleware } from "./pipeline/compose-middleware.ts";
import { type CorsPolicy, corsMiddleware } from "./pipeline/cors.ts";
import { allowPublicCaching, securityHeaders } from "./pipeline/headers.ts";
import { matchOperation } from "./pipeline/operation-matcher.ts";
import { assignRequestId } from "./pipeline/request-id.ts";
import { rejectLongUrls } from "./pipeline/url-limit.ts";
import { type ErrorLog, errorResponder } from "./responses/errors.ts";

export interface FrontOptions {
  readonly contract: Contract;
  readonly cors: CorsPolicy;
  /** The value of Express's `trust proxy` setting. */
  readonly trustProxy: false | number | readonly string[];
  readonly violations: Violations;
  readonly sendJson: SendJson;
  readonly log: ErrorLog;
  readonly stages: FrontStages;
}

/** What the live server and the mock do differently, in the order of a request. */
export interface FrontStages {
  /** Sees every request before it can be refused. */
  readonly observe: readonly RequestHandler[];
  /** Adds pages that are no operations. */
  readonly addPages: (app: Express) => void;
  /** Identifies the caller of an operation, and admits them. Runs before the body is read. */
  readonly admit: readonly RequestHandler[];
  /** Reads the body. */
  readonly readBody: RequestHandler;
  /** Runs when the body has been read, before the request is validated. */
  readonly bodyRead: readonly RequestHandler[];
  /** Responds to a valid request. */
  readonly handle: readonly RequestHandler[];
  /** Sees every failure before it is responded to. */
  readonly refuse: readonly ErrorRequestHandler[];
}

/**
 * Creates the Express app that the live server and the mock share: what happens to a request before it is handled, and to a
 * failure afterwards. It is one place, so that the two cannot differ in what they accept and how they refuse.
 */
export function createFront(options: FrontOptions): Express {
  const { contract, violations, sendJson, log, stages } = options;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  // Whatever `NODE_ENV` is: Express itself responds where no handler does, and would show a stack trace.
  app.set("env", "production");
  app.set("trust proxy", options.trustProxy);
  app.use(composeMiddleware(assignRequestId, ...stages.observe, securityHeaders, rejectLongUrls));
  stages.addPages(app);
  if (options.cors.origins.length > 0) app.use(corsMiddleware(options.cors, contract));
  app.use(
    composeMiddleware(
      matchOperation(contract),
      allowPublicCaching,
      ...stages.admit,
      stages.readBody,
      ...stages.bodyRead,
      enforceContract(contract),
      ...stages.handle,
    ),
  );
  if (stages.refuse.length > 0) app.use(...stages.refuse);
  app.use(() => {
    throw new Failure("RouteNotFound");
  });
  // An error response that breaks the contract of its operation is a bug of its own, and is answered as one.
  const answer = errorResponder(contract, violations, sendJson, log);
  app.use(answer, answer);
  return app;
}
