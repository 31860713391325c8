import type { RequestHandler } from "express";
import type { Logger } from "pino";
import { operationOf } from "./described-routes.ts";
import { requestIdOf } from "./request-id.ts";

/**
 * Logs one line for each answered request. It names the operation, never the URL: queries hold phone numbers, and
 * paths that are no operation may hold anything.
 */
export function logRequests(log: Logger): RequestHandler {
  return (request, response, next) => {
    const startedAt = performance.now();
    response.once("close", () => {
      log.info(
        {
          request_id: requestIdOf(response),
          operation: operationOf(request)?.operationId ?? null,
          method: request.method,
          status: response.statusCode,
          error_code: response.locals.errorCode,
          ms: Math.round(performance.now() - startedAt),
          ...(!response.writableFinished && { aborted: true }),
        },
        "request",
      );
    });
    next();
  };
}
