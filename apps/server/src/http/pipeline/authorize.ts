import type { Request, RequestHandler } from "express";
import { Failure } from "../../kernel/failures.ts";
import { isRole, mayActAs } from "../../kernel/roles.ts";
import { callerOf, whatIsWrongWithToken } from "./authenticate.ts";
import type { MetricsAccess } from "./metrics-access.ts";
import { operationOf } from "./operation-matcher.ts";

/**
 * Checks that the caller has the role that the contract requires: the operation's `x-role`. Operations of the role `master`
 * accept only the master token, which works for no other operation; without a master token they answer 404. Operations of the
 * role `metrics` answer 404 where metrics are closed to all clients, and under a host name that is not this machine's own.
 */
export function authorize(hasMaster: boolean, metrics: MetricsAccess): RequestHandler {
  return (request, _response, next) => {
    const wanted = operationOf(request)?.role;
    if (wanted === "public") return next();
    const caller = callerOf(request);
    if (wanted === "master") {
      if (!hasMaster) throw new Failure("RouteNotFound");
      if (!caller) throw unauthorized(request);
      if (caller.kind !== "master") throw new Failure("Forbidden");
      return next();
    }
    if (wanted === "metrics") {
      if (metrics === "noOne") throw new Failure("RouteNotFound");
      if (metrics === "thisMachine" && !caller)
        throw new Failure("RouteNotFound", { message: notUnderThisName });
      if (caller?.kind !== "metrics") throw unauthorized(request);
      return next();
    }
    if (caller?.kind !== "user") throw unauthorized(request);
    // An unknown role admits no caller; a server with such a contract does not start.
    if (wanted === undefined || !isRole(wanted) || !mayActAs(caller.role, wanted))
      throw new Failure("Forbidden");
    next();
  };
}

const notUnderThisName =
  "there are no metrics under the name in Host: ask 127.0.0.1 or localhost, or set WUTS_METRICS_TOKEN";

function unauthorized(request: Request): Failure {
  return new Failure("Unauthorized", { message: whatIsWrongWithToken(request) });
}
