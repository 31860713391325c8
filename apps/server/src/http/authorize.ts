import type { RequestHandler } from "express";
import { Failure } from "../failures.ts";
import { isRole, mayActAs } from "../roles.ts";
import { callerOf } from "./authenticate.ts";
import { operationOf } from "./described-routes.ts";

/** Lets through whom the contract lets: the operation's `x-role`, compared with the caller's. */
export const authorize: RequestHandler = (request, _response, next) => {
  const wanted = operationOf(request)?.role;
  if (wanted === "public") return next();
  const caller = callerOf(request);
  if (!caller) throw new Failure("Unauthorized");
  // A role that nobody knows lets nobody in; a server with such a contract does not start.
  if (wanted === undefined || !isRole(wanted) || !mayActAs(caller.role, wanted))
    throw new Failure("Forbidden");
  next();
};
