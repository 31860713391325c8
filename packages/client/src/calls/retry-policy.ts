import type { WutsError } from "../errors/wuts-error.ts";

/** What of a request decides whether it may be sent again. */
export interface Repeatability {
  readonly method: string;
  /** Whether it carries an `Idempotency-Key`, and its operation takes one. */
  readonly hasKey: boolean;
}

/** A wait before a retry, in milliseconds. */
export interface RetryDelay {
  readonly delayMs: number;
  /** The longest that chance could have made of it. The call has to last that long. */
  readonly longestMs: number;
}

/**
 * Decides whether a failed request is sent again, and when:
 *
 * - whatever its method, when it certainly never reached the server;
 * - a GET, a PUT, or one with an `Idempotency-Key`, when the connection was lost, or a proxy answered 502, 503 or 504;
 * - one with a key, when an earlier one with it is under way, after `Retry-After` if it is given;
 * - these and a DELETE, when the server answered 429 or 503 with `Retry-After`.
 *
 * A DELETE is not sent again otherwise: if the first one was done, the second would say that there is nothing to delete. Nor is
 * anything that the server itself answered without `Retry-After`: it would ask WhatsApp again what WhatsApp refused.
 *
 * @param error how the last request of the call failed
 * @param retry 1 for the first retry of the call
 * @returns `undefined` when it must not be sent again
 */
export function delayBeforeRetry(
  error: WutsError,
  request: Repeatability,
  retry: number,
  maxRetryAfterSeconds: number,
): RetryDelay | undefined {
  const { status, retryAfter } = error;
  const isLost = error.code === "NETWORK_ERROR";
  if (isLost && neverReachedTheServer(error.cause)) return backoff(retry);
  if (!isRepeatable(request) && request.method !== "DELETE") return undefined;
  const isInUse = request.hasKey && error.code === "IDEMPOTENCY_KEY_IN_USE";
  const isBusy = status === 429 || status === 503 || isInUse;
  if (retryAfter !== undefined && (isBusy || isFromGateway(error)))
    return retryAfter > maxRetryAfterSeconds ? undefined : afterSeconds(retryAfter);
  if (!isRepeatable(request)) return undefined;
  return isLost || isInUse || isFromGateway(error) ? backoff(retry) : undefined;
}

/** Whether doing it twice does no more than doing it once, and gets the same response. */
function isRepeatable({ method, hasKey }: Repeatability): boolean {
  return method === "GET" || method === "PUT" || hasKey;
}

/** Whether a proxy answered in the server's place: the server's own errors are in the contract's envelope. */
function isFromGateway({ status, code, cause }: WutsError): boolean {
  if (![502, 503, 504].includes(status) || code !== "UNEXPECTED_ANSWER") return false;
  return !(typeof cause === "object" && cause !== null && "error_code" in cause);
}

/** Exponential backoff: 250 to 500 ms before the first retry, then twice as long each time. */
function backoff(retry: number): RetryDelay {
  const longestMs = 500 * 2 ** (retry - 1);
  return { delayMs: (longestMs * (1 + Math.random())) / 2, longestMs };
}

const maxJitterMs = 500;

/** The jitter spreads clients that were rejected at the same time. It never shortens the wait. */
function afterSeconds(seconds: number): RetryDelay {
  const delayMs = seconds * 1000 + Math.random() * maxJitterMs;
  return { delayMs, longestMs: delayMs };
}

/**
 * Whether a failed `fetch` certainly sent nothing: the host name was not found, or no connection was made. Node says so in the
 * `cause`. Browsers do not distinguish this from a lost connection, so there the result is always `false`.
 */
export function neverReachedTheServer(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { errors, syscall, code, cause }: SystemError = error;
  // One error for each address that was tried.
  if (Array.isArray(errors) && errors.length > 0) return errors.every(neverReachedTheServer);
  // The code alone is not enough: an open connection can also end with EHOSTUNREACH or ETIMEDOUT.
  if (syscall === "connect" || syscall === "getaddrinfo") return true;
  return code === "UND_ERR_CONNECT_TIMEOUT" || neverReachedTheServer(cause);
}

/** The properties of Node's errors that are used here. */
interface SystemError {
  readonly errors?: unknown;
  readonly syscall?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}
