import type { Contract, OperationDescription, OperationId, StoredBytes } from "@wuts/contract";
import { type Request, type RequestHandler, type Response, Router } from "express";
import type { Caller } from "../kernel/caller.ts";
import type { Failure } from "../kernel/failures.ts";
import type { Handlers, Input, Services } from "../operations/operation.ts";
import type { SendJson } from "./contract/response-validator.ts";
import { callerOf } from "./pipeline/authenticate.ts";
import { typeSent } from "./pipeline/headers.ts";
import { operationOf } from "./pipeline/operation-matcher.ts";
import { requestIdOf } from "./pipeline/request-id.ts";
import { sendBytes } from "./responses/file-response.ts";
import { acceptsNdjson, isStreamingNdjson, type NdjsonWriter } from "./responses/ndjson.ts";

/** What any handler looks like from here: the types of its own input and answer are the compiler's business. */
type AnyHandler = (input: unknown, services: Services) => unknown;

/**
 * Follows the token of a caller, as long as a request of theirs is under way.
 * @param end called with the failure to answer when the token has ended
 * @returns what ends it
 */
export type FollowToken = (caller: Caller, end: (reason: Failure) => void) => () => void;

/** Routes each operation of the contract to its handler. */
export function routeOperations(
  { operations }: Contract,
  handlers: Handlers,
  services: Services,
  sendJson: SendJson,
  sendLines: NdjsonWriter,
  followToken: FollowToken,
): RequestHandler {
  const router = Router();
  const plain = new Map<OperationDescription, RequestHandler>();
  for (const operation of operations) {
    const { operationId, method, path } = operation;
    // Sound, because each operation has a handler, or the server would not have started, and because the validator has
    // checked the request against the description that the handler's types come from.
    const handler = handlers[operationId as OperationId] as AnyHandler;
    const answer: RequestHandler = async (request, response) => {
      const signal = signalOf(request, response, followToken);
      try {
        const answer = await handler(inputOf(request, response, operation, signal), services);
        // What was done is said to whoever asked for it; what was found only to somebody who may still know.
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
    // Whose path has no parameters need not be looked for again among all of them.
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
  };
}

/** What handlers get, as far as it is the same for all operations. The contract has been enforced on the rest. */
type HttpInput = Omit<Input<"getLiveness">, "query" | "path" | "body"> &
  Record<"query" | "path" | "body" | "caller", unknown>;

/** Directives have commas between them, and any case (RFC 9111, 5.2). */
function wantsNoCache({ headers }: Request): boolean {
  const directives = headers["cache-control"]?.split(",") ?? [];
  return directives.some((directive) => directive.trim().toLowerCase() === "no-cache");
}

/**
 * Aborted when the connection ends before the answer is out, or the caller's token does. Lines that have begun to be sent are
 * broken off then: the contract has none that says why.
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
  if ("data" in answer) return sendJson(request, response, status, { success: true, data: answer.data });
  response.status(status);
  // The type of the handler's answer says that these are.
  if ("bytes" in answer) await sendBytes(request, response, answer.bytes as StoredBytes, contentType);
  else if ("body" in answer && typeof answer.body === "string")
    response.type(typeSent(operationId, contentType)).send(answer.body);
  else sendJson(request, response, status, Reflect.get(answer, "body"));
}
