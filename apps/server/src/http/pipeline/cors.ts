import type { Contract } from "@wuts/contract";
import cors, { type CorsOptions } from "cors";
import { type Request, type RequestHandler, Router } from "express";
import { methodsOf, operationsForPath } from "./operation-matcher.ts";

/** Allowed origins as browsers write them, or all. */
export type Origins = "*" | readonly string[];

export interface CorsPolicy {
  /** Empty: browsers refuse pages of all other origins. */
  readonly origins: Origins;
  /** Headers that scripts may send besides those of the contract. */
  readonly moreHeaders?: readonly string[];
}

/**
 * Lets pages of these origins send requests from a browser and read the responses (CORS). Pages set the token header
 * themselves, so browsers are never told to send cookies.
 */
export function corsMiddleware({ origins, moreHeaders = [] }: CorsPolicy, contract: Contract): Router {
  const router = Router();
  if (origins.length === 0) return router;
  const methodsAt = operationsForPath(contract);
  const options: CorsOptions = {
    origin: typeof origins === "string" ? origins : [...origins],
    credentials: false,
    allowedHeaders: [...allowedHeaders, ...moreHeaders],
    exposedHeaders,
    maxAge: 600,
    preflightContinue: true,
  };
  const setHeaders = cors<Request>((request, set) => {
    set(null, { ...options, methods: methodsOf(methodsAt(request.path)) });
  });
  const answerPreflight: RequestHandler = (request, response, next) => {
    if (isPreflight(request) && methodsAt(request.path).length > 0) response.status(204).end();
    else next();
  };
  return router.use(setHeaders, answerPreflight);
}

/** Headers that scripts may send besides those that browsers always allow. */
const allowedHeaders = [
  "Authorization",
  "Cache-Control",
  "Content-Type",
  "X-Request-Id",
  "Idempotency-Key",
  "If-None-Match",
  "If-Range",
  "Range",
  "traceparent",
  "tracestate",
];

/** Headers that scripts may read besides those that browsers always allow. */
const exposedHeaders = [
  "X-Request-Id",
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
  "Idempotency-Replayed",
  "WWW-Authenticate",
  "Allow",
  "ETag",
  "Accept-Ranges",
  "Content-Range",
];

/** Any other OPTIONS request has a method that the contract does not list. */
function isPreflight({ method, headers }: Request): boolean {
  return (
    method === "OPTIONS" &&
    headers.origin !== undefined &&
    headers["access-control-request-method"] !== undefined
  );
}
