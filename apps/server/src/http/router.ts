import type { Contract, OperationDescription, OperationId, StoredBytes } from "@wuts/contract";
import { type Request, type RequestHandler, type Response, Router } from "express";
import type { Caller } from "../kernel/caller.ts";
import type { Failure } from "../kernel/failures.ts";
import type { Handlers, Input, Services } from "../operations/operation.ts";
import { addressOf } from "./address.ts";
import type { SendJson } from "./contract/response-validator.ts";
import { type Idempotency, Replay } from "./idempotency/idempotency.ts";
import { callerOf } from "./pipeline/authenticate.ts";
import { typeSent } from "./pipeline/headers.ts";
import { operationOf } from "./pipeline/operation-matcher.ts";
import { requestIdOf } from "./pipeline/request-id.ts";
import { sendBytes } from "./responses/file-response.ts";
import { acceptsNdjson, isStreamingNdjson, type NdjsonWriter } from "./responses/ndjson.ts";
import { successEnvelope } from "./responses/success.ts";

/** The type of any handler in this file; the compiler checks the input and output types of each handler elsewhere. */
type AnyHandler = (input: unknown, services: Services) => unknown;

/**
 * Watches the token of a caller while a request of theirs is under way.
 * @param end called with the failure to respond with when the token has ended
 * @returns a function that stops watching
 */
export type FollowToken = (caller: Caller, end: (reason: Failure) => void) => () => void;

export interface RouterParts {
  readonly followToken: FollowToken;
  readonly idempotency: Pick<Idempotency, "once">;
}

/** Routes each operation of the contract to its handler. */
export function routeOperations(
  { operations }: Contract,
  handlers: Handlers,
  services: Services,
  sendJson: SendJson,
  sendLines: NdjsonWriter,
  { followToken, idempotency }: RouterParts,
): RequestHandler {
  const router = Router();
  const plain = new Map<OperationDescription, RequestHandler>();
  for (const operation of operations) {
    const { operationId, method, path } = operation;
    // Sound: the server does not start unless each operation has a handler, and the validator has checked the request against
    // the contract that the handler's types come from.
    const handler = handlers[operationId as OperationId] as AnyHandler;
    const answer: RequestHandler = async (request, response) => {
      const signal = signalOf(request, response, followToken);
      try {
        const answer = await idempotency.once(request, operation, async (keep) =>
          handler({ ...inputOf(request, response, operation, signal), keep }, services),
        );
        if (answer instanceof Replay) return answer.send(response);
        // The caller gets the result of a change in any case, but data only while their token still works.
        if (method === "get" || operation.ndjsonItem !== null) signal.throwIfAborted();
        if (hasLines(answer)) await sendLines(request, response, operation, answer.lines, signal);
        else await send(request, response, operation, answer, sendJson);
      } catch (error) {
        // The client disconnected; there is no one to respond to.
        if (!signal.aborted || error !== signal.reason || !response.destroyed) throw error;
      }
    };
    router[method](path.replaceAll(/\{([^}]+)\}/g, ":$1"), answer);
    if (!path.includes("{")) plain.set(operation, answer);
  }
  return (request, response, next) => {
    const operation = operationOf(request);
    // A path without parameters is found directly, without matching all paths again.
    const answer = operation && plain.get(operation);
    return answer ? answer(request, response, next) : router(request, response, next);
  };
}

function inputOf(
  request: Request,
  response: Response,
  operation: OperationDescription,
  signal: AbortSignal,
): HttpInput {
  return {
    query: request.query,
    path: request.params,
    body: request.body,
    caller: callerOf(request),
    requestId: requestIdOf(response),
    signal,
    acceptsNdjson: acceptsNdjson(request, operation),
    noCache: wantsNoCache(request),
    get address() {
      return addressOf(request);
    },
  };
}

/** The part of the handlers' input that is the same for all operations. The contract has been enforced on the rest. */
type HttpInput = Omit<Input<"getLiveness">, "query" | "path" | "body"> &
  Record<"query" | "path" | "body" | "caller", unknown>;

/** `Cache-Control` separates directives with commas and ignores case (RFC 9111, 5.2). */
function wantsNoCache({ headers }: Request): boolean {
  const directives = headers["cache-control"]?.split(",") ?? [];
  return directives.some((directive) => directive.trim().toLowerCase() === "no-cache");
}

/**
 * Creates a signal that aborts when the connection ends before the response is sent, or when the caller's token ends. A stream
 * of lines that has begun is cut off then: the contract has no line that gives the reason.
 */
function signalOf(request: Request, response: Response, followToken: FollowToken): AbortSignal {
  const controller = new AbortController();
  const end = (reason: Failure) => {
    controller.abort(reason);
    if (isStreamingNdjson(response)) response.destroy();
  };
  const caller = callerOf(request);
  const endFollowing = caller?.kind === "user" ? followToken(caller, end) : undefined;
  response.once("close", () => {
    endFollowing?.();
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function hasLines(answer: unknown): answer is { readonly lines: AsyncIterable<unknown> } {
  return typeof answer === "object" && answer !== null && "lines" in answer;
}

async function send(
  request: Request,
  response: Response,
  { operationId, responses }: OperationDescription,
  answer: unknown,
  sendJson: SendJson,
): Promise<void> {
  if (typeof answer !== "object" || answer === null) throw new TypeError("a handler answered nothing");
  const status = Number(Reflect.get(answer, "status"));
  const contentType = responses.find((each) => each.status === status)?.contentType ?? "application/json";
  if ("data" in answer) return sendJson(request, response, status, successEnvelope(answer.data));
  response.status(status);
  // The type of the handler's result guarantees that these are stored bytes.
  if ("bytes" in answer) await sendBytes(request, response, answer.bytes as StoredBytes, contentType);
  else if ("body" in answer && typeof answer.body === "string")
    response.type(typeSent(operationId, contentType)).send(answer.body);
  else sendJson(request, response, status, Reflect.get(answer, "body"));
}
