import type { ErrorCode } from "@wuts/contract";
import type { ErrorRequestHandler, Request, Response } from "express";
import type { SecurityEvent, SecurityEventName } from "../../accounts/security-events.ts";
import { Failure } from "../../kernel/failures.ts";
import { callerOf, recordRefusedHolder, refusedHolderOf } from "./authenticate.ts";
import { operationOf } from "./operation-matcher.ts";
import { requestIdOf } from "./request-id.ts";
import { requestOrigin } from "./request-origin.ts";

/** Records the user whose sign-in is refused, where known. */
export const recordRefusedSignIn: ErrorRequestHandler = (error: unknown, request, _response, next) => {
  if (error instanceof Failure && error.refusedHolder) recordRefusedHolder(request, error.refusedHolder);
  next(error);
};

/** @returns the security event that a finished request is; `undefined`: none */
export function securityEventOf(
  request: Request,
  response: Response,
  errorCode: ErrorCode | undefined,
): SecurityEvent | undefined {
  const name = nameOf(request, errorCode);
  if (name === undefined) return undefined;
  return {
    name,
    who: requestOrigin(request, response),
    operation: operationOf(request)?.operationId,
    errorCode,
    requestId: requestIdOf(response),
    refused: refusedHolderOf(request),
  };
}

function nameOf(request: Request, errorCode: ErrorCode | undefined): SecurityEventName | undefined {
  const operation = operationOf(request);
  if (errorCode === undefined || !operation) return undefined;
  if (operation.role === "public") {
    const isRefused = errorCode === "SIGN_IN_CODE_NOT_FOUND" || errorCode === "RATE_LIMITED";
    return operation.hasBody && isRefused ? "sign_in.refused" : undefined;
  }
  if (errorCode === "FORBIDDEN") return "access.denied";
  if (errorCode === "UNAUTHORIZED" && request.headers.authorization === undefined) return "token.missing";
  // A client that fails too often gets RATE_LIMITED instead.
  const isRefused = errorCode === "UNAUTHORIZED" || (errorCode === "RATE_LIMITED" && !callerOf(request));
  return isRefused ? "token.refused" : undefined;
}
