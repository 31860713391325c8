import type { WutsLog } from "./calls/log.ts";
import { environmentVariable } from "./environment.ts";
import { invalidArgument } from "./error.ts";

/** Options of a client. */
export interface WutsOptions {
  /** The server's URL, such as `https://wuts.example.com`; by default the environment variable `WUTS_BASE_URL`. */
  readonly baseUrl?: string | undefined;
  /**
   * The user's API token, a UUID v4; by default the environment variable `WUTS_TOKEN`. `null` for calls that need none, such as
   * `wuts.tokens.signIn`.
   */
  readonly token?: string | null | undefined;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /**
   * The limit of a whole call in milliseconds, including retries, the waits between them and the response body; 60,000 by
   * default. For a stream, the limit of the wait for each line.
   */
  readonly timeoutMs?: number | undefined;
  /** The maximum number of retries of a call, where a retry is safe; 2 by default, 0 for none. */
  readonly retries?: number | undefined;
  /** A call is not retried when `Retry-After` is longer than this; 10 seconds by default. */
  readonly maxRetryAfterSeconds?: number | undefined;
  /** Receives what happens to each call: requests, responses, retries and errors, without tokens, bodies and parameters. */
  readonly log?: WutsLog | undefined;
}

/** Options of a single call. What is left out is as the client has it. */
export interface CallOptions {
  /** Aborts the call, which then fails with the code `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Extra request headers, such as `X-Request-Id`, or `Prefer` for the mock. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The limit of this call in milliseconds, as `timeoutMs` of `createWuts`. */
  readonly timeoutMs?: number | undefined;
  /** The maximum number of retries of this call. */
  readonly retries?: number | undefined;
  /** This call is not retried when `Retry-After` is longer than this. */
  readonly maxRetryAfterSeconds?: number | undefined;
}

/** The limits of a call, checked. */
export interface Limits {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly maxRetryAfterSeconds: number;
}

/** The options of a client, checked and complete. */
export interface Settings extends Limits {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly token: string | null;
  /** `undefined` for the global one, as it is when a request is sent. */
  readonly fetch: typeof fetch | undefined;
  readonly log: WutsLog | undefined;
}

/** @throws WutsError `INVALID_ARGUMENT`, which says what is wrong and what would be right */
export function settingsOf(options: WutsOptions): Settings {
  const { fetch, log } = options;
  for (const [name, value] of Object.entries({ fetch, log }))
    if (value !== undefined && typeof value !== "function")
      throw invalidArgument(`${name} must be a function`);
  return {
    baseUrl: serverUrl(options.baseUrl ?? environmentVariable("WUTS_BASE_URL")),
    token: options.token === null ? null : sendableToken(options.token ?? environmentVariable("WUTS_TOKEN")),
    fetch,
    log,
    ...limitsOf(options, { timeoutMs: 60_000, retries: 2, maxRetryAfterSeconds: 10 }),
  };
}

/** @returns the limits of a call, those of its client where it has none @throws WutsError `INVALID_ARGUMENT` */
export function limitsOf(options: CallOptions, { timeoutMs, retries, maxRetryAfterSeconds }: Limits): Limits {
  const limits = {
    timeoutMs: options.timeoutMs ?? timeoutMs,
    retries: options.retries ?? retries,
    maxRetryAfterSeconds: options.maxRetryAfterSeconds ?? maxRetryAfterSeconds,
  };
  if (options.signal !== undefined && typeof options.signal?.addEventListener !== "function")
    throw invalidArgument("signal must be an AbortSignal");
  // Timers end at once when they are given more.
  if (!isBetween(1, limits.timeoutMs, 2 ** 31 - 1))
    throw invalidArgument(`timeoutMs must be a number from 1 to 2147483647, and is ${limits.timeoutMs}`);
  if (!isBetween(0, limits.retries, Infinity) || !Number.isInteger(limits.retries))
    throw invalidArgument(`retries must be a whole number from 0, and is ${limits.retries}`);
  if (!isBetween(0, limits.maxRetryAfterSeconds, Infinity))
    throw invalidArgument(
      `maxRetryAfterSeconds must be a number from 0, and is ${limits.maxRetryAfterSeconds}`,
    );
  return limits;
}

function isBetween(least: number, value: unknown, most: number): boolean {
  return typeof value === "number" && value >= least && value <= most;
}

function serverUrl(baseUrl: unknown): string {
  const right = "it must be the URL of the server, such as https://wuts.example.com";
  if (baseUrl === undefined)
    throw invalidArgument("baseUrl is missing: pass it to createWuts, or set WUTS_BASE_URL");
  const url = parsedUrl(baseUrl);
  if (url?.username || url?.password)
    throw invalidArgument(`baseUrl has a user name or a password: ${right}, and the token is an option`);
  const said = shown(baseUrl);
  if (url === undefined) throw invalidArgument(`baseUrl is ${said}: ${right}`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw invalidArgument(`baseUrl is ${said}, without http:// or https://: ${right}`);
  if (url.search || url.hash) throw invalidArgument(`baseUrl is ${said}, with a query or fragment: ${right}`);
  return url.href.replace(/\/+$/, "");
}

/** What may be a password is not repeated: errors are logged. */
function shown(baseUrl: unknown): string {
  if (typeof baseUrl !== "string") return `of type ${typeof baseUrl}`;
  return baseUrl.includes("@") ? "a text with an @" : JSON.stringify(baseUrl);
}

function parsedUrl(text: unknown): URL | undefined {
  try {
    return typeof text === "string" ? new URL(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Messages do not repeat the token: errors are logged. */
function sendableToken(token: unknown): string {
  if (token === undefined)
    throw invalidArgument(
      "token is missing: pass it to createWuts, or set WUTS_TOKEN; null is for calls that need none",
    );
  if (typeof token !== "string")
    throw invalidArgument(`token must be a string, and is of type ${typeof token}`);
  // A file that holds a token often ends with a line break.
  const trimmed = token.trim();
  if (trimmed === "") throw invalidArgument("token is empty; null is for calls that need none");
  if (!/^[\x21-\x7e]+$/.test(trimmed))
    throw invalidArgument("token has a space, a line break or another character that no token has");
  return trimmed;
}
