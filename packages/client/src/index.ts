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

/** Where the server is, and who is asking. */
export interface WutsOptions {
  /** As `https://wuts.example.com`. */
  readonly baseUrl: string;
  /** The user's API token, a UUID v4. */
  readonly token: string;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /**
   * How long one call may take, its repeats, the waits between them and the body included; 60,000 ms by default. A stream
   * may take as long for each line.
   */
  readonly timeoutMs?: number;
  /** How often one call is repeated at most, where that is safe; 2 by default, and 0 for never. */
  readonly retries?: number;
  /** A call whose answer asks to wait for longer than this is not repeated; 10 s by default. */
  readonly maxRetryAfterSeconds?: number;
}

/** What any single call takes after its parameters. */
export interface CallOptions {
  /** Ends the call; it then fails with the code `ABORTED`. */
  readonly signal?: AbortSignal;
  /** Sent along, as `X-Request-Id`, or `Prefer` to the mock server. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The operations by tag: `wuts.contacts.getProfilePicture({ number })`. Calls resolve with `data`, or throw `WutsError`.
 * What can be answered line by line has a second method, with `Stream` at the end of its name, to be read with `for await`:
 * it asks when reading begins, throws as calls do, and ends the work when nobody reads on.
 */
export type Wuts = { readonly [Tag in keyof Sdk]: Methods<Sdk[Tag]> & Streams<Tag, Sdk[Tag]> };

/** A client for one server and one user. Clients share nothing. */
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
    // The generated client takes what is not JSON for a Blob, and has no notion of an envelope.
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
  // The interceptors above make the generated methods resolve with the data of the envelope and throw a `WutsError`.
  // The generator cannot say so in its types; `Wuts` is those types with the envelope taken off.
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

/** The generated options can turn off what `createWuts` sets up, so callers get `CallOptions` in their place. */
type Arguments<Args extends unknown[]> = {
  [Index in keyof Args]: "throwOnError" extends keyof NonNullable<Args[Index]> ? CallOptions : Args[Index];
};
