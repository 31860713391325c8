import ky from "ky";
import { secondsToWait } from "./retry-after.ts";

/** When a call is repeated, and when it is given up. */
export interface RetryingFetchOptions {
  /** Sends the requests; the global one when `undefined`. */
  readonly fetch: typeof fetch | undefined;
  /** Bounds everything: each try, the waits between them, and the body of the answer. `undefined`: nothing is bounded. */
  readonly timeoutMs: number | undefined;
  /** How often a request is repeated at most. */
  readonly retries: number;
  readonly maxRetryAfterSeconds: number;
}

/**
 * A `fetch` that repeats what is safe to repeat: a request that certainly never reached the server, and one with an
 * idempotent method that was answered 429 or 503 with a `Retry-After` that is short enough. A wait that would outlast
 * `timeoutMs` is not begun: the failure at hand says more than that time is up.
 */
export function retryingFetch(options: RetryingFetchOptions): typeof fetch {
  const { timeoutMs = Infinity, retries, maxRetryAfterSeconds } = options;
  return (input, init) => {
    const request = new Request(input, init);
    const deadline = performance.now() + timeoutMs;
    const inTime = (waitMs: number) => performance.now() + waitMs < deadline;
    return ky(request, {
      fetch: (...args) => (options.fetch ?? globalThis.fetch)(...args),
      signal: Number.isFinite(timeoutMs)
        ? AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)])
        : request.signal,
      // ky's own timeout is for each try, and its errors are not those of `fetch`.
      timeout: false,
      throwHttpErrors: false,
      retry: {
        limit: retries,
        methods: [request.method],
        shouldRetry: ({ error, retryCount }) =>
          neverReachedTheServer(error) && inTime(longestBackoffMs(retryCount)),
        delay: longestBackoffMs,
        jitter: (ms) => (ms * (1 + Math.random())) / 2,
      },
      hooks: {
        afterResponse: [
          ({ method }, _options, response, { retryCount }) => {
            const seconds = secondsBeforeRepeating(method, response);
            if (retryCount >= retries || seconds === undefined || seconds > maxRetryAfterSeconds) return;
            // Clients that were sent away together must not come back together, nor any of them early.
            const delay = seconds * 1000 + Math.random() * maxJitterMs;
            return inTime(delay) ? ky.retry({ delay }) : undefined;
          },
        ],
      },
    });
  };
}

const maxJitterMs = 500;

/** 500 ms before the first repeat, then twice as long each time. */
function longestBackoffMs(retryCount: number): number {
  return 500 * 2 ** (retryCount - 1);
}

/** Methods that can be repeated without doing anything twice (RFC 9110, 9.2.2), as far as the contract has them. */
const idempotentMethods: readonly string[] = ["GET", "PUT", "DELETE"];

/** The wait that an answer asks for before the same request is worth another try; `undefined` when it must not get one. */
export function secondsBeforeRepeating(
  method: string,
  { status, headers }: Pick<Response, "status" | "headers">,
): number | undefined {
  if (!idempotentMethods.includes(method) || (status !== 429 && status !== 503)) return undefined;
  return secondsToWait(headers.get("Retry-After"));
}

/**
 * Whether a failed `fetch` certainly sent nothing: the name could not be resolved, or no connection came about. Node
 * says so in the `cause`. Browsers do not tell this from a connection lost half-way, so there it is always `false`.
 */
export function neverReachedTheServer(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { errors, syscall, code, cause }: SystemError = error;
  // One for each address of the server that was tried.
  if (Array.isArray(errors) && errors.length > 0) return errors.every(neverReachedTheServer);
  // The code alone is not enough: a connection that is open can end with EHOSTUNREACH or ETIMEDOUT, too.
  if (syscall === "connect" || syscall === "getaddrinfo") return true;
  return code === "UND_ERR_CONNECT_TIMEOUT" || neverReachedTheServer(cause);
}

/** What Node's errors have, as far as it matters here. */
interface SystemError {
  readonly errors?: unknown;
  readonly syscall?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}
