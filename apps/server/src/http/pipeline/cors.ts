import type { Contract } from "@wuts/contract";
import cors, { type CorsOptions } from "cors";
import { type Request, type RequestHandler, Router } from "express";
import { operationsForPath } from "./operation-matcher.ts";

/** Origins as browsers write them, or all. */
export type Origins = "*" | readonly string[];

/**
 * Lets pages of these origins ask the server from a browser, and read what it answers. Tokens come in a header that pages
 * set themselves, so browsers are never told to send cookies.
 * @param origins none: browsers let no page of another origin do so
 */
export function corsMiddleware(origins: Origins, contract: Contract): Router {
  const router = Router();
  if (origins.length === 0) return router;
  const methodsAt = operationsForPath(contract);
  const options: CorsOptions = {
    origin: typeof origins === "string" ? origins : [...origins],
    credentials: false,
    allowedHeaders,
    exposedHeaders,
    maxAge: 600,
    preflightContinue: true,
  };
  const setHeaders = cors<Request>((request, set) => {
    const methods = methodsAt(request.path).map(({ method }) => method.toUpperCase());
    set(null, { ...options, methods });
  });
  const answerPreflight: RequestHandler = (request, response, next) => {
    if (isPreflight(request) && methodsAt(request.path).length > 0) response.status(204).end();
    else next();
  };
  return router.use(setHeaders, answerPreflight);
}

/** What scripts may send besides what browsers always let them. */
const allowedHeaders = [
  "Authorization",
  "Cache-Control",
  "Content-Type",
  "X-Request-Id",
  "If-None-Match",
  "If-Range",
  "Range",
];

/** What scripts may read besides what browsers always let them. */
const exposedHeaders = [
  "X-Request-Id",
  "Retry-After",
  "RateLimit",
  "RateLimit-Policy",
  "WWW-Authenticate",
  "Allow",
  "ETag",
  "Accept-Ranges",
  "Content-Range",
];

/** Any other OPTIONS is a method like others, which the contract does not have. */
function isPreflight({ method, headers }: Request): boolean {
  return (
    method === "OPTIONS" &&
    headers.origin !== undefined &&
    headers["access-control-request-method"] !== undefined
  );
}
