import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Request, RequestHandler, Response } from "express";
import { ipKeyGenerator } from "express-rate-limit";
import type { Caller } from "../caller.ts";
import { Failure } from "../failures.ts";
import { callerOf, type Guesses } from "./authenticate.ts";
import { BoundedStore } from "./bounded-store.ts";
import { operationOf } from "./described-routes.ts";
import { notesOn } from "./notes.ts";

/** How many a minute; 0 is any number. */
export interface LimitOptions {
  /** Requests of a token. */
  readonly token: number;
  /** Requests that reach a device. */
  readonly device: number;
  /** Unknown tokens from an address, and apart from them its tries to sign in without one. */
  readonly failedAuth: number;
}

/**
 * Counts requests, by the minute, and refuses those that are too many with the failure RateLimited. Answers say how many are
 * left in `RateLimit` and `RateLimit-Policy`, as lists with an item for each limit that was asked: the form that
 * draft-ietf-httpapi-ratelimit-headers has since its version 8 (10 is the newest).
 */
export class Limits implements Guesses {
  /** Counts a token's requests, also those that are refused afterwards for what they ask. */
  readonly countRequests: RequestHandler;
  /** Counts tokens that nobody knows. Who sends none at all has guessed nothing. */
  readonly countFailedAuth: RequestHandler;
  /** Counts requests that are for everybody and bring something to be let in with, whether it is good or not. */
  readonly countSignIns: RequestHandler;
  readonly #requests: Counter | undefined;
  readonly #failedAuth: Counter | undefined;
  readonly #signIns: Counter | undefined;
  readonly #devices: Counter | undefined;

  constructor({ token, device, failedAuth }: LimitOptions) {
    this.#requests = counter("token", token, (request) => {
      const caller = callerOf(request);
      return caller?.kind === "user" ? caller.tokenId : (caller?.kind ?? "");
    });
    this.#devices = counter("device", device, (request) => reachedDevices.of(request) ?? "");
    this.#failedAuth = counter("failed-auth", failedAuth, addressOf);
    this.#signIns = counter("sign-in", failedAuth, addressOf);

    this.countRequests = (request, response, next) => {
      const caller = callerOf(request);
      if (caller?.kind === "user") asking.set(caller, { request, response });
      if (caller && this.#requests) this.#requests.count(request, response, next);
      else next();
    };
    this.countFailedAuth = (request, response, next) => {
      const failed = takesToken(request) && request.headers.authorization && !callerOf(request);
      if (failed && this.#failedAuth) this.#failedAuth.count(request, response, next);
      else next();
    };
    this.countSignIns = (request, response, next) => {
      const isSignIn = !takesToken(request) && operationOf(request)?.hasBody;
      if (isSignIn && this.#signIns) this.#signIns.count(request, response, next);
      else next();
    };
  }

  async areLeft(request: Request): Promise<boolean> {
    if (!this.#failedAuth) return true;
    const failed = await this.#failedAuth.store.get(addressOf(request));
    return failed === undefined || failed.totalHits < this.#failedAuth.limit;
  }

  /**
   * Counts a request that reaches a device. To be called with devices only that the caller may reach: nobody uses up what is
   * left to the devices of others.
   * @throws Failure RateLimited
   */
  async countDevice(caller: Caller, deviceId: string): Promise<void> {
    const [devices, asked] = [this.#devices, asking.of(caller)];
    if (!devices || !asked) return;
    const { request, response } = asked;
    reachedDevices.set(request, deviceId);
    await devices.countNow(request, response);
  }

  /** Forgets all counts and ends the timers that make them expire. */
  stop(): void {
    for (const each of [this.#requests, this.#devices, this.#failedAuth, this.#signIns])
      each?.store.shutdown();
  }
}

interface Asking {
  readonly request: Request;
  readonly response: Response;
}

interface Counter {
  readonly limit: number;
  readonly count: RequestHandler;
  /** @throws Failure RateLimited */
  readonly countNow: (request: Request, response: Response) => Promise<void>;
  readonly store: BoundedStore;
}

/** How many tokens, devices or addresses are told apart at once, each. */
const maxKeys = 100_000;

/** In which request a caller asks; there is a caller for each. */
const asking = notesOn<Caller, Asking>();

const reachedDevices = notesOn<IncomingMessage, string>();

function counter(name: string, limit: number, keyOf: (request: Request) => string): Counter | undefined {
  if (limit === 0) return undefined;
  const store = new BoundedStore(maxKeys, windowMs);
  const countNow: Counter["countNow"] = async (request, response) => {
    const key = keyOf(request);
    const { totalHits, resetTime } = await store.increment(key);
    const left = Math.max(0, limit - totalHits);
    const resetSeconds = Math.max(0, Math.ceil(((resetTime?.getTime() ?? 0) - Date.now()) / 1000));
    addItem(response, "RateLimit", `"${name}"; r=${left}; t=${resetSeconds}`);
    addItem(response, "RateLimit-Policy", `"${name}"; q=${limit}; w=${windowMs / 1000}; pk=:${partOf(key)}:`);
    if (totalHits > limit) throw new Failure("RateLimited", { retryAfter: Math.max(1, resetSeconds) });
  };
  const count: RequestHandler = (request, response, next) =>
    countNow(request, response).then(() => next(), next);
  return { limit, count, countNow, store };
}

const windowMs = 60_000;

function addItem(response: Response, name: string, item: string): void {
  const before = response.getHeader(name);
  response.setHeader(name, before === undefined ? item : [...[before].flat().map(String), item]);
}

/** Tells whose limit it is without saying who: the first digits of a hash, in base64. */
function partOf(key: string): string {
  return btoa(hash("sha256", key).slice(0, 12));
}

/** One customer has a whole network of IPv6 addresses, most often a /56, so these count together. */
function addressOf(request: Request): string {
  return ipKeyGenerator(request.ip ?? "");
}

function takesToken(request: Request): boolean {
  return operationOf(request)?.role !== "public";
}
