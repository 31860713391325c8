import type { IHttpRequest } from "@stoplight/prism-http";
import {
  type Contract,
  isContractOperation,
  type OperationDescription,
  type ResponseDescription,
  servedContracts,
} from "@wuts/contract";
import { asObject, linesType } from "@wuts/contract/document";
import { addressOf, operationOf, requestIdOf, sendBytes, typeSent } from "@wuts/server/front";
import type { Request, RequestHandler, Response } from "express";
import type { Choice, Engine, MockedAnswer, MockedOperation } from "../engine.ts";
import { valuesOf } from "../outcomes/fields.ts";
import { scenarioFor } from "../outcomes/scenarios.ts";
import { outcomesFor } from "./accept.ts";
import type { ExampleFiles } from "./example-files.ts";
import { preferredChoice } from "./prefer.ts";

/** The mock's part of the way of a request: everything else is the server's front. */
export interface Responders {
  /** Responds with the outcome that `Prefer` selects, whatever the request has besides. */
  readonly preferred: RequestHandler;
  /** Responds to a valid request with the outcome of its scenario, or else the first success. */
  readonly usual: RequestHandler;
}

/** @param declared the contract as the mock gives it out */
export function responders(engine: Engine, files: ExampleFiles, declared: Contract): Responders {
  const operations = new Map(engine.operations.map((operation) => [operation.operationId, operation]));
  const mockedOf = (request: Request): MockedOperation => {
    const operation = operations.get(operationOf(request)?.operationId ?? "");
    if (!operation) throw new Error("a request for no operation was to be mocked");
    return operation;
  };
  return {
    async preferred(request, response, next) {
      const operation = mockedOf(request);
      const { wanted, unwanted } = outcomesFor(operation, request);
      const choice = preferredChoice([...wanted, ...unwanted], request.headers.prefer);
      if (choice === undefined) return next();
      const answer = await engine.answer(prismRequest(operation, request, undefined), choice);
      send(response, operation, answer, choice);
      // An unread body must not be parsed as the next request.
      request.resume();
    },
    async usual(request, response) {
      const operation = mockedOf(request);
      const { wanted } = outcomesFor(operation, request);
      const values = valuesOf(operation, urlOf(request), request.body);
      const scenario = scenarioFor({ outcomes: wanted, fields: operation.fields }, values);
      const choice = scenario ?? wanted[0];
      const example = await engine.answer(prismRequest(operation, request, request.body), choice);
      const mocked = scenario ? example : aboutAsked(operation, example, request.body, choice);
      const { operationId } = operation;
      const answer = isContractOperation(operationId)
        ? { ...mocked, body: servedContracts[operationId](declared, addressOf(request)) }
        : mocked;
      const described = operation.responses.find(({ status }) => status === answer.status);
      if (answer.status === 200 && described?.bytes)
        await sendExample(request, response, answer, described.contentType ?? "", files);
      else send(response, operation, answer, choice);
    },
  };
}

/** A scenario has its items already; any other success has those that were asked. */
function aboutAsked(
  { askedItems }: MockedOperation,
  answer: MockedAnswer,
  asked: unknown,
  choice: Choice | undefined,
): MockedAnswer {
  if (!askedItems || answer.status !== 200) return answer;
  const body = choice?.lines
    ? askedItems.inLines(String(answer.body), asked)
    : askedItems.inOnePiece(answer.body, asked);
  return { ...answer, body };
}

/** The path and query may begin with two slashes, which a base URL must not swallow as a host. */
function urlOf({ url }: Request): URL {
  return new URL(`http://mock${url}`);
}

function prismRequest({ method }: OperationDescription, request: Request, body: unknown): IHttpRequest {
  const { pathname, searchParams } = urlOf(request);
  const { "content-type": contentType } = request.headers;
  return {
    method,
    url: { path: pathname, query: Object.fromEntries(searchParams) },
    // Without `Accept`, which has already selected the outcome.
    headers: { ...(contentType !== undefined && { "content-type": contentType }) },
    body,
  };
}

async function sendExample(
  request: Request,
  response: Response,
  { headers, body }: MockedAnswer,
  contentType: string,
  files: ExampleFiles,
): Promise<void> {
  const [, etag] = Object.entries(headers).find(([name]) => name.toLowerCase() === "etag") ?? [];
  const stored = files.stored(Buffer.from(String(body), "base64"), etag ? String(etag) : undefined);
  await sendBytes(request, response, stored, contentType);
}

function send(
  response: Response,
  { operationId, responses }: OperationDescription,
  { status, headers, body }: MockedAnswer,
  choice: Choice | undefined,
): void {
  const described = responses.find((each) => each.status === status);
  response.status(status);
  // Prism's header values can be numbers, or `null` for a header without an example.
  for (const [lowerCase, value] of Object.entries(headers)) {
    const name = titleCase(lowerCase);
    if (value !== null && value !== undefined && !ownHeaders.test(name) && comesWith(body, described, name))
      response.setHeader(name, `${value}`);
  }
  const requestId = requestIdOf(response);
  if (choice?.lines) response.setHeader("Content-Type", linesType).end(stampedLines(String(body), requestId));
  else if (described?.contentType === null) response.end();
  else if (described?.bytes)
    response.type(described.contentType ?? "").send(Buffer.from(String(body), "base64"));
  else if (typeof body === "string")
    response.type(typeSent(operationId, described?.contentType ?? "text/plain")).send(body);
  else response.json(stamped(body, requestId));
}

/** Prism has the headers of all errors of a status; some come with some of the error codes only. */
function comesWith(body: unknown, described: ResponseDescription | undefined, header: string): boolean {
  const { error_code: code } = asObject(body);
  return described?.headersOnlyWith[header]?.includes(String(code)) ?? true;
}

/** Headers that depend on the request or the body; the examples of the contract have others. */
const ownHeaders = /^(?:content-type|content-length|x-request-id)$/i;

/** Replaces the example's time and request id with those of this request. */
function stamped(body: unknown, requestId: string): unknown {
  if (typeof body !== "object" || body === null || !("request_id" in body)) return body;
  return { ...body, timestamp: new Date().toISOString(), request_id: requestId };
}

function stampedLines(text: string, requestId: string): string {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => `${JSON.stringify(stamped(JSON.parse(line), requestId))}\n`).join("");
}

function titleCase(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}
