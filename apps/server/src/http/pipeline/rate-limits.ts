import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import { ipKeyGenerator } from "express-rate-limit";
import type { Caller, MasterCaller, MetricsCaller } from "../../kernel/caller.ts";
import { WindowCounter, type WindowState } from "../../kernel/concurrency/window-counter.ts";
import { Failure } from "../../kernel/failures.ts";
import { documentsError } from "../contract/request-validator.ts";
import { callerOf, type FailedAuthBudget } from "./authenticate.ts";
import { operationOf } from "./operation-matcher.ts";
import { createContextKey } from "./request-context.ts";
import { recordDevice } from "./request-origin.ts";

/** Limits per minute; 0 means no limit. */
export interface RateLimitOptions {
  /** Requests of a token. */
  readonly token: number;
  /** Requests of a user, with any of their tokens. */
  readonly user: number;
  /** Requests of all users of a tenant. */
  readonly tenant: number;
  /** Requests that reach a device. */
  readonly device: number;
  /** Requests without a token from an address, for operations whose contract lists 429. */
  readonly address: number;
  /** Unknown tokens from an address; counted separately, sign-in codes from there that do not work. */
  readonly failedAuth: number;
}

/**
 * Counts requests per minute and rejects those over a limit with the failure RateLimited. Responses say how many are left in
 * `RateLimit` and `RateLimit-Policy`, as lists with an item for each limit that was checked: the form that
 * draft-ietf-httpapi-ratelimit-headers has since its version 8 (10 is the newest).
 */
export class RateLimits implements FailedAuthBudget {
  readonly #tokens: WindowCounter | undefined;
  readonly #users: WindowCounter | undefined;
  readonly #tenants: WindowCounter | undefined;
  readonly #devices: WindowCounter | undefined;
  readonly #addresses: WindowCounter | undefined;
  readonly #failedAuth: WindowCounter | undefined;
  readonly #signIns: WindowCounter | undefined;

  constructor({ token, user, tenant, device, address, failedAuth }: RateLimitOptions) {
    this.#tokens = limiter("token", token);
    this.#users = limiter("user", user);
    this.#tenants = limiter("tenant", tenant);
    this.#devices = limiter("device", device);
    this.#addresses = limiter("address", address);
    this.#failedAuth = limiter("failed-auth", failedAuth);
    this.#signIns = limiter("sign-in", failedAuth);
  }

  /**
   * Counts a request of a known caller, even if it is rejected later for its content: for the token, its user and their tenant.
   * A request that needs no token counts for its address.
   */
  readonly countRequests: RequestHandler = (request, response, next) => {
    const caller = callerOf(request);
    if (caller?.kind === "user") {
      asking.set(caller, response);
      countFor(response, [
        [this.#tokens, caller.tokenId],
        [this.#users, caller.userId],
        [this.#tenants, caller.tenantId],
      ]);
    } else if (caller) countFor(response, [[this.#tokens, keyOf(caller, request)]]);
    else if (isReadByAnybody(request)) countFor(response, [[this.#addresses, addressOf(request)]]);
    next();
  };

  /** Counts unknown tokens. A request without a token is no guess and does not count. */
  readonly countFailedAuth: RequestHandler = (request, response, next) => {
    const failed = takesToken(request) && request.headers.authorization && !callerOf(request);
    if (failed) countFor(response, [[this.#failedAuth, addressOf(request)]]);
    next();
  };

  /**
   * Counts sign-in codes that do not work, or no longer do. A valid code works however many invalid ones have come from its
   * address: many users may share one address, and a code has too many random bits to be guessed.
   */
  readonly countRefusedSignIns: ErrorRequestHandler = (error: unknown, request, response, next) => {
    const isRefused = error instanceof Failure && error.name === "SignInCodeNotFound";
    if (isRefused) countFor(response, [[this.#signIns, addressOf(request)]]);
    next(error);
  };

  hasRemaining(request: Request): boolean {
    return this.#failedAuth?.isUsedUp(addressOf(request)) !== true;
  }

  /**
   * Counts a request that reaches a device. Call it only with devices that the caller may reach, so that no caller uses up the
   * limit of another caller's devices.
   * @throws Failure RateLimited
   */
  countDevice(caller: Caller, deviceId: string): void {
    const response = asking.of(caller);
    if (!response) return;
    recordDevice(response, deviceId);
    countFor(response, [[this.#devices, deviceId]]);
  }
}

/** The maximum number of keys that each limit tells apart: tokens, users, tenants, devices or addresses. */
const maxKeys = 100_000;

const windowMs = 60_000;

/** The response to a caller's request; each request has its own caller object. */
const asking = createContextKey<Caller, Response>();

function limiter(name: string, limit: number): WindowCounter | undefined {
  return limit === 0 ? undefined : new WindowCounter({ name, limit, windowMs, maxKeys });
}

/** @param limits ordered so that the most widely shared limit is last @throws Failure RateLimited when a limit is used up */
function countFor(
  response: Response,
  limits: readonly (readonly [limiter: WindowCounter | undefined, key: string])[],
): void {
  const standings: WindowState[] = [];
  for (const [each, key] of limits) {
    if (!each) continue;
    const standing = each.count(key);
    standings.push(standing);
    // A request over its own limit does not count towards the limits that it shares with others.
    if (standing.isOver) break;
  }
  if (standings.length === 0) return;
  addItems(
    response,
    "RateLimit",
    standings.map(({ items }) => items.limit),
  );
  addItems(
    response,
    "RateLimit-Policy",
    standings.map(({ items }) => items.policy),
  );
  const last = standings.at(-1);
  if (last?.isOver) throw new Failure("RateLimited", { retryAfter: last.resetSeconds });
}

function addItems(response: Response, name: string, items: string[]): void {
  const before = response.getHeader(name);
  response.setHeader(name, before === undefined ? items : [...[before].flat().map(String), ...items]);
}

/** Returns the key of a limit. Where metrics are open to all clients, each address has its own limit. */
function keyOf(caller: MasterCaller | MetricsCaller, request: Request): string {
  return caller.kind === "metrics" && caller.isAnybody ? `${caller.kind} ${addressOf(request)}` : caller.kind;
}

/**
 * @returns the address that a request counts for. A customer has a network of IPv6 addresses, most often a /56: it counts as
 * one
 */
export function addressOf(request: Request): string {
  return ipKeyGenerator(request.ip ?? "");
}

/** Whether a request is public and limited. Health checks have no limit, and sign-in codes are counted separately. */
function isReadByAnybody(request: Request): boolean {
  const operation = operationOf(request);
  return operation?.role === "public" && !operation.hasBody && documentsError(request, 429, "RATE_LIMITED");
}

function takesToken(request: Request): boolean {
  return operationOf(request)?.role !== "public";
}
