import type { Request, RequestHandler } from "express";
import type { Caller, Users } from "../storage/users.ts";

const callers = new WeakMap<Request, Caller>();

/**
 * Finds the caller behind the token in the `Authorization` header; whether an operation needs one is `authorize`'s to
 * say. The scheme is case-insensitive and may be missing. Tokens are read from nowhere else.
 */
export function authenticate(users: Users): RequestHandler {
  return async (request, _response, next) => {
    const token = tokenIn(request.headers.authorization);
    if (token !== undefined) {
      const caller = await users.findByToken(token);
      if (caller) callers.set(request, caller);
      // The contract says `bearer`, and its validator looks for the word.
      request.headers.authorization = `Bearer ${token}`;
    }
    next();
  };
}

/** @returns who sent the request, or `undefined` when it carries no known token */
export function callerOf(request: Request): Caller | undefined {
  return callers.get(request);
}

function tokenIn(header: string | undefined): string | undefined {
  return /^(?:bearer +)?([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/i.exec(
    header?.trim() ?? "",
  )?.[1];
}
