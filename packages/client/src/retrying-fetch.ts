import ky from "ky";
import { secondsToWait } from "./retry-after.ts";

/** Options of `retryingFetch`. */
export interface RetryingFetchOptions {
  /** Sends the requests; the global `fetch` when `undefined`. */
  readonly fetch: typeof fetch | undefined;
  /** The limit of all attempts, the waits between them and the response body, in milliseconds; `undefined` for no limit. */
  readonly timeoutMs: number | undefined;
  /** The maximum number of retries. */
  readonly retries: number;
  readonly maxRetryAfterSeconds: number;
}

/**
 * Creates a `fetch` that retries what is safe to retry: a request that certainly never reached the server, an idempotent one
 * whose response is 429 or 503 with a short enough `Retry-After`, and one whose `Idempotency-Key` is in use. It does not wait longer than `timeoutMs` allows: the last
 * failure says more than a timeout.
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
      // ky's own timeout is for each attempt, and its errors differ from those of `fetch`.
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
          (request, _options, response, { retryCount }) => {
            const seconds = secondsBeforeRepeating(request, response);
            if (retryCount >= retries || seconds === undefined || seconds > maxRetryAfterSeconds) return;
            // The jitter spreads clients that were rejected at the same time. It never shortens the wait.
            const delay = seconds * 1000 + Math.random() * maxJitterMs;
            return inTime(delay) ? ky.retry({ delay }) : undefined;
          },
        ],
      },
    });
  };
}

const maxJitterMs = 500;

/** Exponential backoff: 500 ms before the first retry, then twice as long each time. */
function longestBackoffMs(retryCount: number): number {
  return 500 * 2 ** (retryCount - 1);
}

/** The idempotent methods (RFC 9110, 9.2.2) of the contract. */
const idempotentMethods: readonly string[] = ["GET", "PUT", "DELETE"];

/** @returns the wait that a response asks for before a retry, in seconds; `undefined` when the request must not be retried */
export function secondsBeforeRepeating(
  request: Pick<Request, "method" | "headers">,
  { status, headers }: Pick<Response, "status" | "headers">,
): number | undefined {
  const isIdempotent = idempotentMethods.includes(request.method) && (status === 429 || status === 503);
  // Of all 409, only that of a key in use has `Retry-After`: the first request with the key is under way.
  const isKeyInUse = request.headers.has("Idempotency-Key") && status === 409;
  return isIdempotent || isKeyInUse ? secondsToWait(headers.get("Retry-After")) : undefined;
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
