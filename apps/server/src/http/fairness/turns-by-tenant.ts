import type { RequestHandler } from "express";
import { runForOwner } from "../../storage/engine/connection-turns.ts";
import { callerOf } from "../pipeline/authenticate.ts";

/** Runs the rest of a request in its tenant's context, so that database queries queue fairly by tenant. */
export const takeTurnsByTenant: RequestHandler = (request, _response, next) => {
  const caller = callerOf(request);
  if (caller?.kind === "user") runForOwner(caller.tenantId, next);
  else next();
};
