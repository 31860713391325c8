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

/** How many a minute; 0 is any number. */
export interface RateLimitOptions {
  /** Requests of a token. */
  readonly token: number;
  /** Requests of a user, with whichever of their tokens. */
  readonly user: number;
  /** Requests of all users of a tenant. */
  readonly tenant: number;
  /** Requests that reach a device. */
  readonly device: number;
  /** Requests from an address that need no token, for what the contract says that may be too many. */
  readonly address: number;
  /** Unknown tokens from an address, and apart from them codes from there that sign nobody in. */
  readonly failedAuth: number;
}

/**
 * Counts requests, by the minute, and refuses those that are too many with the failure RateLimited. Answers say how many are
 * left in `RateLimit` and `RateLimit-Policy`, as lists with an item for each limit that was asked: the form that
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
   * Counts a request of a known caller, also if it is refused afterwards for what it asks: for their token, and for the user
   * and the tenant that it is one of. One that needs no token counts for where it comes from.
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

  /** Counts tokens that nobody knows. Who sends none at all has guessed nothing. */
  readonly countFailedAuth: RequestHandler = (request, response, next) => {
    const failed = takesToken(request) && request.headers.authorization && !callerOf(request);
    if (failed) countFor(response, [[this.#failedAuth, addressOf(request)]]);
    next();
  };

  /**
   * Counts codes that nobody can sign in with any more, or never could. A good one works however many of them have come from its
   * address: many people may be behind one, and a code has too many random bits to be guessed.
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
   * Counts a request that reaches a device. To be called with devices only that the caller may reach: nobody uses up what is
   * left to the devices of others.
   * @throws Failure RateLimited
   */
  countDevice(caller: Caller, deviceId: string): void {
    const response = asking.of(caller);
    if (!response) return;
    recordDevice(response, deviceId);
    countFor(response, [[this.#devices, deviceId]]);
  }
}

/** How many tokens, users, tenants, devices or addresses are told apart at once, each. */
const maxKeys = 100_000;

const windowMs = 60_000;

/** In which request a caller asks; there is a caller for each. */
const asking = createContextKey<Caller, Response>();

function limiter(name: string, limit: number): WindowCounter | undefined {
  return limit === 0 ? undefined : new WindowCounter({ name, limit, windowMs, maxKeys });
}

/** @param limits the one that most are counted by last @throws Failure RateLimited when there is no more left of one of them */
function countFor(
  response: Response,
  limits: readonly (readonly [limiter: WindowCounter | undefined, key: string])[],
): void {
  const standings: WindowState[] = [];
  for (const [each, key] of limits) {
    if (!each) continue;
    const standing = each.count(key);
    standings.push(standing);
    // Who sends too much uses up nothing of what others share with them.
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

/** Where everybody may ask for something, each address has its own limit, so that none uses up what the others need. */
function keyOf(caller: MasterCaller | MetricsCaller, request: Request): string {
  return caller.kind === "metrics" && caller.isAnybody ? `${caller.kind} ${addressOf(request)}` : caller.kind;
}

/** @returns where a request comes from. One customer has a whole network of IPv6 addresses, most often a /56: they are one */
export function addressOf(request: Request): string {
  return ipKeyGenerator(request.ip ?? "");
}

/** Whether a request is for everybody and may be one too many: how the server is may always be asked, and codes are counted apart. */
function isReadByAnybody(request: Request): boolean {
  const operation = operationOf(request);
  return operation?.role === "public" && !operation.hasBody && documentsError(request, 429, "RATE_LIMITED");
}

function takesToken(request: Request): boolean {
  return operationOf(request)?.role !== "public";
}
