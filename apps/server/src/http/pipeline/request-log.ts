import type { ErrorCode } from "@wuts/contract";
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import type { SecurityEvents } from "../../accounts/security-events.ts";
import type { HttpEvents } from "../http-observer.ts";
import { operationOf } from "./operation-matcher.ts";
import { requestIdOf } from "./request-id.ts";
import { recordAddress, requestOrigin } from "./request-origin.ts";
import { securityEventOf } from "./security-log.ts";

/**
 * Logs one line for each finished request and notifies the observer; a refused request is also reported as a security event.
 * The line identifies the client by ids and the network of its address. It names the operation, never the URL: queries contain
 * phone numbers, and paths that match no operation may contain anything.
 */
export function logRequests(
  parent: Logger,
  events: HttpEvents,
  security: Pick<SecurityEvents, "report">,
): RequestHandler {
  // No field of this line can contain a secret, and a search for secrets in each line takes longer than the write.
  const log = parent.child({}, { redact: [] });
  return (request, response, next) => {
    const startedAt = performance.now();
    const { method } = request;
    recordAddress(request);
    const end = () => {
      const ms = performance.now() - startedAt;
      const operation = operationOf(request)?.operationId;
      const errorCode: ErrorCode | undefined = response.locals.errorCode;
      log.info(
        {
          request_id: requestIdOf(response),
          operation: operation ?? null,
          method,
          status: response.statusCode,
          error_code: errorCode,
          ms: Math.round(ms),
          ...requestOrigin(request, response),
          ...(response.locals.replayed === true && { replayed: true }),
          ...(!response.writableFinished && { aborted: true }),
        },
        "request",
      );
      const refused = securityEventOf(request, response, errorCode);
      if (refused) security.report(refused);
      const status = response.headersSent ? response.statusCode : undefined;
      events.requestFinished(request, { operation, status, errorCode, seconds: ms / 1000 });
    };
    events.requestStarted(request, () => {
      response.once("close", end);
      next();
    });
  };
}
