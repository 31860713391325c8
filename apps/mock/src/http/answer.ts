import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { IHttpRequest } from "@stoplight/prism-http";
import type { OperationDescription } from "@wuts/contract";
import type { Engine, MockedAnswer } from "../engine.ts";
import { valuesOf } from "../outcomes/fields.ts";
import { scenarioFor } from "../outcomes/scenarios.ts";
import { outcomesFor } from "./accept.ts";
import { readBody } from "./body.ts";
import { corsHeaders, isPreflight, preflightHeaders } from "./cors.ts";
import { preferredChoice } from "./prefer.ts";
import { Refusal, refusals } from "./refusal.ts";
import { authorise, checkPath, checkQuery, findOperation } from "./request.ts";

/** Responds to a request. Every response has the contract's envelope and the request id. */
export async function answerRequest(
  engine: Engine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = requestIdOf(request);
  const common = { ...corsHeaders, "X-Request-Id": requestId };
  if (isPreflight(request)) {
    response.writeHead(204, { ...common, ...preflightHeaders(request) }).end();
    return;
  }
  const answer = await mocked(engine, request).catch(errorAnswer);
  const body = answer.lines ? stampedLines(String(answer.body), requestId) : stamped(answer.body, requestId);
  response
    .writeHead(answer.status, { ...answerHeaders(answer), ...common })
    .end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  // Drains an unread body, which must not be parsed as the next request.
  request.resume();
}

async function mocked(engine: Engine, request: IncomingMessage): Promise<Answer> {
  const url = URL.parse(request.url ?? "", "http://mock");
  if (url === null) throw refusals.notFound();
  const operation = findOperation(engine.operations, request.method ?? "", url.pathname);
  authorise(operation, request.headers.authorization);
  const { wanted, unwanted } = outcomesFor(operation, request);
  const preferred = preferredChoice([...wanted, ...unwanted], request.headers.prefer);
  if (preferred !== undefined) {
    const answer = await engine.answerUnchecked(prismRequest(operation, url, request, undefined), preferred);
    return decoded(operation, answer, preferred.lines);
  }
  checkPath(operation, url.pathname);
  checkQuery(operation, url.searchParams);
  const body = await readBody(operation, request);
  const values = valuesOf(operation, url, body);
  const choice = scenarioFor({ outcomes: wanted, fields: operation.fields }, values) ?? wanted[0];
  const answer = await engine.answer(prismRequest(operation, url, request, body), choice);
  return decoded(operation, answer, choice?.lines === true);
}

interface Answer extends MockedAnswer {
  /** Whether the body is NDJSON. */
  readonly lines?: boolean;
}

/** Decodes examples of bytes, which are in base64, and removes the content type that Prism sets on an empty body. */
function decoded({ responses }: OperationDescription, answer: MockedAnswer, lines: boolean): Answer {
  if (lines) return { ...answer, lines };
  const described = responses.find(({ status }) => status === answer.status);
  if (described?.contentType === null) {
    const headers = Object.entries(answer.headers).filter(([name]) => name.toLowerCase() !== "content-type");
    return { ...answer, headers: Object.fromEntries(headers), body: Buffer.alloc(0) };
  }
  if (!described?.bytes) return answer;
  return { ...answer, body: Buffer.from(String(answer.body), "base64") };
}

function prismRequest(
  { method }: OperationDescription,
  { pathname, searchParams }: URL,
  { headers }: IncomingMessage,
  body: unknown,
): IHttpRequest {
  const { "content-type": contentType, "content-length": contentLength } = headers;
  return {
    method,
    url: { path: pathname, query: Object.fromEntries(searchParams) },
    // Without `Accept`, which has already selected the outcome.
    headers: {
      ...(contentType !== undefined && { "content-type": contentType }),
      ...(contentLength !== undefined && { "content-length": contentLength }),
    },
    body,
  };
}

function errorAnswer(error: unknown): Answer {
  if (!(error instanceof Refusal)) console.error(error);
  const { status, code, message, validation, headers } =
    error instanceof Refusal ? error : new Refusal(500, "INTERNAL_ERROR", "internal error");
  const body = {
    success: false,
    error: message,
    error_code: code,
    timestamp: "",
    request_id: "",
    ...(validation && { validation }),
  };
  return { status, headers, body };
}

/** Replaces the example's time and request id with those of this request. */
function stamped(body: unknown, requestId: string): unknown {
  if (typeof body !== "object" || body === null || !("request_id" in body)) return body;
  return { ...body, timestamp: new Date().toISOString(), request_id: requestId };
}

function stampedLines(text: string, requestId: string): string {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => `${JSON.stringify(stamped(JSON.parse(line), requestId))}\n`).join("");
}

/** Prism's header values can be numbers, or `null` for a header without an example. */
function answerHeaders({ headers, body }: MockedAnswer): Record<string, string> {
  const given = Object.entries(headers).filter(([, value]) => value !== null && value !== undefined);
  if (typeof body !== "string" && !Buffer.isBuffer(body))
    given.push(["Content-Type", "application/json; charset=utf-8"]);
  return Object.fromEntries(given.map(([name, value]) => [titleCase(name), `${value}`]));
}

function titleCase(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

function requestIdOf(request: IncomingMessage): string {
  const id = request.headers["x-request-id"];
  return typeof id === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : randomUUID();
}
