import { dataOf } from "../data-of.ts";
import { errorFromAnswer, errorWithoutAnswer, unexpectedAnswer } from "../error.ts";
import { WutsError } from "../errors/wuts-error.ts";
import { linesType, withoutEnvelope } from "../generated/answers.gen.ts";
import { requestIdOf } from "../response-headers.ts";
import type { Limits, Settings } from "../settings.ts";
import { blobOf, discard, mediaTypeOf, textOf } from "./body.ts";
import { Deadline } from "./deadline.ts";
import { CallLog } from "./log.ts";
import type { PreparedRequest } from "./request.ts";
import { delayBeforeRetry } from "./retry-policy.ts";

/** What a call resolves with, together with what the response says besides. */
export interface WutsResponse<Data> {
  /** What the call resolves with. */
  readonly data: Data;
  /** The HTTP status, such as 201. */
  readonly status: number;
  /** The response headers, such as `RateLimit` and `Idempotency-Replayed`. */
  readonly headers: Headers;
  /** The id of the request, for logs and support. */
  readonly requestId: string | undefined;
}

/** The promise of a call: resolves with its data, or rejects with a `WutsError`. */
export interface WutsPromise<Data> extends Promise<Data> {
  /** @returns the data with the status and the headers of the response; rejects as the call does */
  withResponse(): Promise<WutsResponse<Data>>;
}

/** What sends the calls of one client. */
export interface Sender {
  readonly settings: Settings;
  /** The number of calls until now. */
  calls: number;
}

/** Makes a call and reads the response. */
export async function call(
  sender: Sender,
  request: PreparedRequest,
  limits: Limits,
  signal: AbortSignal | undefined,
): Promise<WutsResponse<unknown>> {
  const sending = startSending(sender, request, signal);
  const { deadline, log } = sending;
  deadline.start(limits.timeoutMs);
  try {
    return await send(sending, limits, async (response) => {
      const { status, headers } = response;
      const data = await dataIn(response, request.path, deadline);
      return { data, status, headers, requestId: requestIdOf(response) };
    });
  } catch (error) {
    log.failed(error);
    throw error;
  } finally {
    deadline.release();
  }
}

/** A request with what belongs to its call. */
export interface Sending {
  readonly request: PreparedRequest;
  readonly fetch: typeof fetch | undefined;
  /** The function that began the call releases it. */
  readonly deadline: Deadline;
  readonly log: CallLog;
}

/** Begins a call. Nothing is sent yet. */
export function startSending(
  sender: Sender,
  request: PreparedRequest,
  signal: AbortSignal | undefined,
): Sending {
  const { fetch, log } = sender.settings;
  const { method, path } = request;
  sender.calls += 1;
  return {
    request,
    fetch,
    deadline: new Deadline(signal),
    log: new CallLog(log, { call: sender.calls, method, path }),
  };
}

/** @returns a promise of the data, which also gives the response of which it is */
export function dataPromise<Data>(answered: Promise<WutsResponse<Data>>): WutsPromise<Data> {
  const data = answered.then((response) => response.data);
  const withResponse = () => {
    // The caller waits for the other promise, which rejects too.
    data.catch(() => undefined);
    return answered;
  };
  return Object.assign(data, { withResponse });
}

/**
 * Sends a request, as often as it is safe and within the limits.
 * @param read reads a response; a connection that is lost meanwhile counts like one that was lost before it
 * @throws WutsError
 */
export async function send<Result>(
  sending: Sending,
  { retries, maxRetryAfterSeconds }: Limits,
  read: (response: Response) => Promise<Result>,
): Promise<Result> {
  const { request, deadline, log } = sending;
  for (let retry = 1; ; retry += 1) {
    try {
      deadline.throwIfEnded();
      log.sending();
      const response = await fetchOnce(sending);
      log.received(response);
      if (!response.ok) throw errorFromAnswer(response, jsonOr(await textOf(response, deadline)));
      return await read(response);
    } catch (cause) {
      const error = cause instanceof WutsError ? cause : errorWithoutAnswer(cause, undefined);
      const delay =
        retry > retries ? undefined : delayBeforeRetry(error, request, retry, maxRetryAfterSeconds);
      // The last failure says more than a timeout would.
      if (delay === undefined || !deadline.allows(delay.longestMs)) throw error;
      log.retrying(error, delay.delayMs);
      await deadline.pause(delay.delayMs);
    }
  }
}

/** @throws WutsError when there is no response */
async function fetchOnce({ fetch = globalThis.fetch, request, deadline }: Sending): Promise<Response> {
  const { url, method, headers, body } = request;
  const { signal } = deadline;
  // A URL and not a `Request`: a `Request` would follow the signal weakly, see `Deadline`.
  const ask = async () => fetch(url, { method, headers: new Headers(headers), body: body ?? null, signal });
  const asking = ask().catch((cause: unknown) => {
    throw errorWithoutAnswer(cause, undefined);
  });
  try {
    return await deadline.wait(asking);
  } catch (error) {
    // It may have come nevertheless.
    asking.then(discard, () => undefined);
    throw error;
  }
}

/** @throws WutsError when the response is not what the operation answers */
async function dataIn(response: Response, path: string, deadline: Deadline): Promise<unknown> {
  const bare = withoutEnvelope[path];
  assertType(response, bare?.contentType ?? "application/json");
  if (bare?.bytes) return blobOf(response, deadline);
  const text = await textOf(response, deadline);
  if (bare !== undefined && bare.contentType !== "application/json") return text;
  const body = parsed(response, text);
  return bare === undefined ? dataOf(response, body) : body;
}

/** @throws WutsError when a response that should be NDJSON is not */
export function assertLines(response: Response): void {
  assertType(response, linesType);
}

function assertType(response: Response, expected: string): void {
  if (mediaTypeOf(response) === expected && response.headers.get("Content-Length") !== "0") return;
  discard(response);
  throw unexpectedAnswer(response, undefined);
}

/** @throws WutsError when it is not JSON */
export function parsed(response: Response, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unexpectedAnswer(response, error);
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
