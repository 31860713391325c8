import type { Request, RequestHandler } from "express";
import { callerOf } from "./authenticate.ts";
import { operationOf } from "./described-routes.ts";
import { addressOf } from "./limits.ts";
import { giveBackAfter, type Shares } from "./shares.ts";

/**
 * Bounds how many requests are under way at once. What tells whether the server is alive, and how it is, is answered however
 * many there are.
 */
export function boundUnderWay(requests: Shares): RequestHandler {
  return (request, response, next) => {
    if (isAnsweredAtOnce(request)) return next();
    const taken = requests.of(ownerOf(request));
    taken.more(1);
    giveBackAfter(response, taken);
    next();
  };
}

/** @returns whose share of the server a request takes: its tenant's, or of whoever has no tenant, their address's */
export function ownerOf(request: Request): string {
  const caller = callerOf(request);
  if (caller?.kind === "user") return caller.tenantId;
  return caller?.kind ?? addressOf(request);
}

function isAnsweredAtOnce(request: Request): boolean {
  const operation = operationOf(request);
  return operation?.role === "metrics" || (operation?.role === "public" && !operation.hasBody);
}
