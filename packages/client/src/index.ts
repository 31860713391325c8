import { addPages } from "./calls/pages.ts";
import { dataOf } from "./data-of.ts";
import { errorFromAnswer, errorWithoutAnswer, unexpectedAnswer } from "./error.ts";
import { nameError, nameErrorsOfStreams } from "./errors/name-errors.ts";
import { WutsError } from "./errors/wuts-error.ts";
import { linesType, withoutEnvelope } from "./generated/answers.gen.ts";
import type { Groups } from "./generated/calls.gen.ts";
import { createClient, createConfig } from "./generated/client/index.gen.ts";
import { Sdk } from "./generated/sdk.gen.ts";
import { addStreams } from "./lines.ts";
import { retryingFetch } from "./retrying-fetch.ts";

export * from "./errors/families.ts";
export { isWutsError } from "./errors/is-wuts-error.ts";
export * from "./errors/wuts-error.ts";
export type * from "./generated/calls.gen.ts";
export type * from "./generated/schemas.gen.ts";

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
 * The calls by group: `wuts.contacts.getProfilePicture({ number })`. Calls resolve with `data`, or throw `WutsError`.
 * A call that is answered page by page has a second method, with `All` in its name, for `for await`, which yields the items
 * of all pages. One that offers NDJSON has another one, with `Stream` at the end of its name: it sends the request when the
 * iteration starts, throws as calls do, and closes the connection when the iteration ends.
 */
export interface Wuts extends Groups {}

/**
 * Creates a client for one server and one user. Clients share no state.
 * @param options where the server is, who calls it, and how
 */
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
  client.interceptors.error.use((error, _response, _request, { method = "", url }) =>
    nameError(error, method, url),
  );
  // The interceptors above make the generated methods resolve with the envelope's data and throw `WutsError`. The generated
  // types do not say so; `Wuts` has the types of what calls take and resolve with.
  const sdk = new Sdk({ client });
  addStreams(sdk, timeoutMs, retryingFetch({ ...retrying, timeoutMs: undefined }));
  nameErrorsOfStreams(sdk);
  addPages(sdk);
  return sdk as unknown as Wuts;
}
