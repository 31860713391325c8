import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Request, RequestHandler } from "express";
import type { TokenCache } from "../../accounts/token-cache.ts";
import type { Caller, MasterCaller, MetricsCaller } from "../../kernel/caller.ts";
import type { RefusedHolder } from "../../kernel/failures.ts";
import { isUnderOwnName } from "../own-name.ts";
import type { MetricsAccess } from "./metrics-access.ts";
import { operationOf } from "./operation-matcher.ts";
import { createContextKey } from "./request-context.ts";
import { requestIdOf } from "./request-id.ts";

/** Any caller that may send some request. */
export type AnyCaller = Caller | MasterCaller | MetricsCaller;

const callers = createContextKey<IncomingMessage, AnyCaller>();
const refusedHolders = createContextKey<IncomingMessage, RefusedHolder>();

/** The budget of failed authentications that a request's address has left. */
export interface FailedAuthBudget {
  hasRemaining(request: Request): boolean;
}

/**
 * Identifies the caller by the token in the `Authorization` header; `authorize` decides whether an operation needs a caller.
 * The scheme is case-insensitive and may be missing. Tokens are read from no other place. Operations that take no token skip
 * the lookup, and operations that take the metrics token accept no other token.
 * @param masterToken a UUID, in lower case; `undefined` when there is none
 */
export function authenticate(
  tokens: TokenCache,
  masterToken: string | undefined,
  metrics: MetricsAccess,
  guesses: FailedAuthBudget,
): RequestHandler {
  const isMaster = comparison(masterToken);
  const isForMetrics = comparison(typeof metrics === "object" ? metrics.token : undefined);
  return async (request, response, next) => {
    const role = operationOf(request)?.role;
    if (role === "public") return next();
    const token = tokenIn(request.headers.authorization);
    const requestId = requestIdOf(response);
    if (role === "metrics") {
      const isAnybody = metrics === "thisMachine" && isUnderOwnName(request);
      if (isAnybody || (token !== undefined && isForMetrics(token)))
        callers.set(request, { kind: "metrics", isAnybody, requestId });
    } else if (token !== undefined) {
      if (isMaster(token)) callers.set(request, { kind: "master", requestId });
      else {
        const holder = await tokens.authenticate(
          token,
          () => guesses.hasRemaining(request),
          ({ holder: { tenantId, userId, tokenId }, reason }) =>
            recordRefusedHolder(request, { tenantId, userId, tokenId, reason }),
        );
        if (holder) callers.set(request, { kind: "user", ...holder, requestId });
      }
      // The contract says `bearer`, and its validator looks for the word.
      request.headers.authorization = `Bearer ${token}`;
    }
    next();
  };
}

/** @returns the caller that sent the request, or `undefined` when it carries no known token */
export function callerOf(request: Request): AnyCaller | undefined {
  return callers.of(request);
}

/** Records who sent the request. The validator, which looks for the word `Bearer`, gets the token in that form. */
export function recordCaller(request: Request, caller: AnyCaller, token: string): void {
  callers.set(request, caller);
  request.headers.authorization = `Bearer ${token}`;
}

/** Records the user whose token or sign-in code does not work. */
export function recordRefusedHolder(request: Request, holder: RefusedHolder): void {
  refusedHolders.set(request, holder);
}

/** @returns the user whose token or code does not work, where known */
export function refusedHolderOf(request: Request): RefusedHolder | undefined {
  return refusedHolders.of(request);
}

/** @returns what is wrong with the token of a request without a known caller; the text never contains the token */
export function whatIsWrongWithToken(request: Request): string {
  const header = request.headers.authorization?.trim() ?? "";
  if (header === "") return "there is no token: send it in the header Authorization, after the word Bearer";
  if (tokenIn(header) === undefined) return "the token is malformed: a token is a UUID v4";
  if (callerOf(request)?.kind === "master") return "this is the master token, and a user's token is needed";
  return operationOf(request)?.role === "metrics"
    ? "this is not the token for metrics"
    : "the token is not known: it never was one, has expired, or was revoked";
}

/** @returns the token in an `Authorization` header, if it has the form of one */
export function tokenIn(header: string | undefined): string | undefined {
  return /^(?:bearer +)?([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/i.exec(
    header?.trim() ?? "",
  )?.[1];
}

/** Compares hashes in constant time, so that the duration reveals nothing about the server's own token. */
function comparison(own: string | undefined): (token: string) => boolean {
  if (own === undefined) return () => false;
  const expected = hash("sha256", own, "buffer");
  return (token) => timingSafeEqual(hash("sha256", token.toLowerCase(), "buffer"), expected);
}
