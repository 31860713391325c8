import type { Request, RequestHandler } from "express";
import { callerOf } from "../pipeline/authenticate.ts";
import { operationOf } from "../pipeline/operation-matcher.ts";
import { addressOf } from "../pipeline/rate-limits.ts";
import { giveBackAfter, type Shares } from "./shares.ts";

/**
 * Limits how many requests are under way at once. Metrics and public operations without a body, such as the health checks, are
 * exempt.
 */
export interface UnderWayBounds {
  /** For requests of known callers; runs before their bodies are read. */
  readonly ofCallers: RequestHandler;
  /**
   * For requests of public operations; runs when their bodies have arrived. Otherwise bodies that never arrive would use up the
   * share of all clients behind the same address, and, sent from several addresses, that of all callers.
   */
  readonly ofAllTenants: RequestHandler;
}

export function boundUnderWay(requests: Shares): UnderWayBounds {
  const boundIf =
    (isMeant: (request: Request) => boolean): RequestHandler =>
    (request, response, next) => {
      if (isAnsweredAtOnce(request) || !isMeant(request)) return next();
      const taken = requests.of(ownerOf(request));
      taken.more(1);
      giveBackAfter(response, taken);
      next();
    };
  return { ofCallers: boundIf((request) => !isTotal(request)), ofAllTenants: boundIf(isTotal) };
}

/**
 * @returns the key of the share that a request uses: its tenant, the kind of a caller without one, or an unknown client's
 * address
 */
export function ownerOf(request: Request): string {
  const caller = callerOf(request);
  if (caller?.kind === "user") return caller.tenantId;
  return caller?.kind ?? addressOf(request);
}

function isAnsweredAtOnce(request: Request): boolean {
  const operation = operationOf(request);
  return operation?.role === "metrics" || (operation?.role === "public" && !operation.hasBody);
}

function isTotal(request: Request): boolean {
  return operationOf(request)?.role === "public";
}
