import type { Request, RequestHandler } from "express";
import { callerOf } from "../pipeline/authenticate.ts";
import { operationOf } from "../pipeline/operation-matcher.ts";
import { addressOf } from "../pipeline/rate-limits.ts";
import { giveBackAfter, type Shares } from "./shares.ts";

/**
 * Bounds how many requests are under way at once. What tells whether the server is alive, and how it is, is answered however
 * many there are.
 */
export interface UnderWayBounds {
  /** Of requests of known callers; to be asked before their bodies are read. */
  readonly ofCallers: RequestHandler;
  /**
   * Of requests that are for everybody; to be asked when their bodies are there. Else whoever sends bodies that never come would
   * take the share of everybody behind the same address, and with some addresses that of all callers.
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

function isTotal(request: Request): boolean {
  return operationOf(request)?.role === "public";
}
