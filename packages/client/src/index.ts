import { dataOf } from "./data-of.ts";
import { errorFromAnswer, errorWithoutAnswer, unexpectedAnswer, WutsError } from "./error.ts";
import { type Lines, linesType, withoutEnvelope } from "./generated/answers.gen.ts";
import { createClient, createConfig } from "./generated/client/index.gen.ts";
import { Sdk } from "./generated/sdk.gen.ts";
import { addStreams } from "./lines.ts";
import { retryingFetch } from "./retrying-fetch.ts";
import type { Unwrapped } from "./unwrapped.ts";

export { type ClientErrorCode, type ErrorCode, WutsError, type WutsErrorFields } from "./error.ts";
export type * from "./generated/types.gen.ts";

/** Options of a client. */
export interface WutsOptions {
  /** The server's URL, such as `https://wuts.example.com`. */
  readonly baseUrl: string;
  /** The user's API token, a UUID v4. */
  readonly token: string;
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof fetch;
  /**
   * The limit of a whole call in milliseconds, including retries, the waits between them and the response body; 60,000 by
   * default. For a stream, the limit of the wait for each line.
   */
  readonly timeoutMs?: number;
  /** The maximum number of retries of a call, where a retry is safe; 2 by default, 0 for none. */
  readonly retries?: number;
  /** A call is not retried when `Retry-After` is longer than this; 10 seconds by default. */
  readonly maxRetryAfterSeconds?: number;
}

/** Options of a single call. */
export interface CallOptions {
  /** Aborts the call, which then fails with the code `ABORTED`. */
  readonly signal?: AbortSignal;
  /** Extra request headers, such as `X-Request-Id`, or `Prefer` for the mock. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The operations by tag: `wuts.contacts.getProfilePicture({ number })`. Calls resolve with `data`, or throw `WutsError`.
 * An operation that offers NDJSON has a second method, with `Stream` at the end of its name, for `for await`. It sends the
 * request when the iteration starts, throws as calls do, and closes the connection when the iteration ends.
 */
export type Wuts = { readonly [Tag in keyof Sdk]: Methods<Sdk[Tag]> & Streams<Tag, Sdk[Tag]> };

/** Creates a client for one server and one user. Clients share no state. */
export function createWuts(options: WutsOptions): Wuts {
  const { baseUrl, token, fetch, timeoutMs = 60_000, retries = 2, maxRetryAfterSeconds = 10 } = options;
  const retrying = { fetch, retries, maxRetryAfterSeconds };
  const client = createClient(
    createConfig({
      baseUrl,
      auth: token,
      throwOnError: true,
      fetch: retryingFetch({ ...retrying, timeoutMs }),
    }),
  );
  client.interceptors.response.use((response, _request, options) => {
    if (!response.ok) return response;
    const bare = withoutEnvelope[options.url];
    const isStream = options.parseAs === "stream";
    const type = isStream ? linesType : (bare?.contentType ?? "application/json");
    const empty = response.headers.get("Content-Length") === "0";
    const found = response.headers.get("Content-Type") ?? "";
    if (empty || !found.startsWith(type)) throw unexpectedAnswer(response, undefined);
    if (isStream) return response;
    // The generated client reads a body that is not JSON as a Blob, and does not know the envelope.
    options.parseAs = bare?.bytes ? "blob" : type === "application/json" ? "json" : "text";
    if (bare === undefined) options.responseTransformer = async (body) => dataOf(response, body);
    return response;
  });
  client.interceptors.error.use((error, response, request) => {
    if (error instanceof WutsError) return error;
    if (response && !response.ok) return errorFromAnswer(response, error);
    if (response && error instanceof SyntaxError) return unexpectedAnswer(response, error);
    return errorWithoutAnswer(error, request?.signal);
  });
  // The interceptors above make the generated methods resolve with the envelope's data and throw `WutsError`. The generated
  // types do not say so; `Wuts` has these types without the envelope.
  const sdk = new Sdk({ client });
  addStreams(sdk, timeoutMs, retryingFetch({ ...retrying, timeoutMs: undefined }));
  return sdk as unknown as Wuts;
}

type Methods<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (...args: infer Args) => Promise<infer Body>
    ? (...args: Arguments<Args>) => Promise<Unwrapped<Exclude<Body, undefined>>>
    : never;
};

type Streams<Tag, Service> = Tag extends keyof Lines
  ? {
      readonly [Name in keyof Lines[Tag] & keyof Service & string as `${Name}Stream`]: Service[Name] extends (
        ...args: infer Args
      ) => unknown
        ? (
            ...args: Arguments<Args>
          ) => AsyncGenerator<Unwrapped<Extract<Lines[Tag][Name], { success: true }>>>
        : never;
    }
  : unknown;

/** Replaces the generated options with `CallOptions`, since those could turn off what `createWuts` sets up. */
type Arguments<Args extends unknown[]> = {
  [Index in keyof Args]: "throwOnError" extends keyof NonNullable<Args[Index]> ? CallOptions : Args[Index];
};
