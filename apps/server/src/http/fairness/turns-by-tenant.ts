import type { RequestHandler } from "express";
import { inTurnsOf } from "../../storage/engine/connection-turns.ts";
import { callerOf } from "../pipeline/authenticate.ts";

/** Does the rest of a request in its tenant's turns, where it waits for the database. */
export const takeTurnsByTenant: RequestHandler = (request, _response, next) => {
  const caller = callerOf(request);
  if (caller?.kind === "user") inTurnsOf(caller.tenantId, next);
  else next();
};
