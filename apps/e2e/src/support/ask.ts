import { randomUUID } from "node:crypto";
import type { OperationDescription } from "@wuts/contract";
import { linesType } from "@wuts/contract/document";
import type { RawRequest } from "@wuts/contract-cases";
import type { Place, TokenOfPlace } from "./worlds.ts";

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Without its parameters. */
  readonly contentType: string;
  readonly text: string;
  /** Parsed, if it is JSON; of lines of JSON, a list. */
  readonly body: unknown;
  /** The id that the request was sent with. */
  readonly requestId: string;
}

/** Sends a request by nothing but `fetch`. @param signal ends it */
export async function ask(
  place: Pick<Place, "url" | TokenOfPlace>,
  operation: OperationDescription,
  request: RawRequest,
  signal: AbortSignal = AbortSignal.timeout(50_000),
): Promise<Answer> {
  const url = new URL(place.url + pathOf(operation, request));
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, value);
  const requestId = randomUUID();
  const token = operation.public ? false : (request.token ?? tokenFor(operation, place));
  const response = await fetch(url, {
    method: operation.method.toUpperCase(),
    headers: {
      "X-Request-Id": requestId,
      ...(token !== false && { Authorization: `Bearer ${token}` }),
      ...(request.body && { "Content-Type": "application/json" }),
      ...request.headers,
    },
    ...(request.body && { body: JSON.stringify(request.body) }),
    signal,
  });
  const text = await response.text();
  const [contentType = ""] = (response.headers.get("content-type") ?? "").split(";");
  return {
    status: response.status,
    headers: response.headers,
    contentType,
    text,
    body: parsed(contentType, text),
    requestId,
  };
}

/** @returns what an answer of this type says @throws Error when it is not of this type */
export function parsed(contentType: string, text: string): unknown {
  switch (contentType) {
    case "application/json":
      return JSON.parse(text);
    case linesType: {
      const [rest, ...lines] = text.split("\n").reverse();
      if (rest !== "") throw new Error(`the last line does not end: ${rest}`);
      return lines.reverse().map((line): unknown => JSON.parse(line));
    }
    default:
      return text;
  }
}

/** @returns the token of a caller who may do everything that the operation's role may */
export function tokenFor(
  { role }: Pick<OperationDescription, "role">,
  { token, masterToken, metricsToken }: Pick<Place, TokenOfPlace>,
): string {
  return role === "master" ? masterToken : role === "metrics" ? metricsToken : token;
}

function pathOf(operation: OperationDescription, { path = {} }: RawRequest): string {
  return operation.path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = path[name];
    if (value === undefined) throw new Error(`${operation.operationId} needs ${name} in its path`);
    return encodeURIComponent(value);
  });
}
