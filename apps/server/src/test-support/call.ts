import assert from "node:assert/strict";

export interface CallOptions {
  readonly method?: string;
  /** `null` sends none. */
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
  /** Sent as JSON, a string as it is. */
  readonly body?: unknown;
  /** Ends the request, without an answer. */
  readonly signal?: AbortSignal;
}

/** A response of the server. `body` is parsed if it is JSON, else text. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Sends one request over HTTP. */
export async function call(url: string, options: CallOptions = {}): Promise<Answer> {
  const { method = "GET", token = null, body } = options;
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(options.signal && { signal: options.signal }),
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  return { status: response.status, headers: response.headers, body: isJson ? parsed(text) : text };
}

/** Removes the ids of a response; two callers must not be able to tell the rest apart. */
export function withoutIds({ status, body }: Answer) {
  return {
    status,
    body: { ...(typeof body === "object" ? body : { body }), request_id: "", timestamp: "" },
  };
}

/** Fails unless the answer is an error of this status and code, in the one error envelope. */
export function assertRefused(answer: Answer, status: number, code: string): void {
  assert.partialDeepStrictEqual(
    { status: answer.status, body: answer.body },
    { status, body: { success: false, error_code: code } },
  );
  assert.equal(at(answer.body, "request_id"), answer.headers.get("x-request-id"));
  assert.equal(new Date(textAt(answer.body, "timestamp")).toISOString(), at(answer.body, "timestamp"));
}

/** Fails unless the answer is a refusal of exactly these fields. */
export function assertInvalid(answer: Answer, ...fields: string[]): void {
  assertRefused(answer, 400, "VALIDATION_ERROR");
  const problems = listAt(answer.body, "validation");
  assert.deepEqual([...new Set(problems.map((problem) => at(problem, "field")))].sort(), fields.sort());
  for (const problem of problems) assert.notEqual(textAt(problem, "message"), "");
}

/** Fails unless `Retry-After` is whole seconds in this range. */
export function assertRetryAfter({ headers }: Answer, least: number, most: number): void {
  const seconds = headers.get("retry-after") ?? "";
  assert.match(seconds, /^[0-9]+$/);
  assert.ok(Number(seconds) >= least && Number(seconds) <= most, `Retry-After: ${seconds}`);
}

/** @returns the `data` of a success of this status, or fails */
export function dataOf(answer: Answer, status = 200): unknown {
  assert.partialDeepStrictEqual(
    { status: answer.status, body: answer.body },
    { status, body: { success: true } },
  );
  return at(answer.body, "data");
}

/** @returns what stands at a path in parsed JSON, `undefined` if nothing does */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (typeof inside === "object" && inside !== null ? Reflect.get(inside, key) : undefined),
    value,
  );
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  assert.ok(typeof found === "string", `no text at ${path.join(".")} in ${JSON.stringify(value)}`);
  return found;
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): unknown[] {
  const found = at(value, ...path);
  assert.ok(Array.isArray(found), `no list at ${path.join(".")} in ${JSON.stringify(value)}`);
  return found;
}

function parsed(json: string): unknown {
  return JSON.parse(json);
}

/** Asks for one page after the other. @returns what is on each */
export async function pagesOf(ask: (query: string) => Promise<Answer>, limit: number): Promise<unknown[][]> {
  const pages: unknown[][] = [];
  for (let cursor: unknown = ""; cursor !== null; ) {
    const page = dataOf(await ask(`limit=${limit}${cursor === "" ? "" : `&cursor=${String(cursor)}`}`));
    pages.push(listAt(page, "items"));
    cursor = at(page, "next_cursor");
    assert.ok(pages.length < 100, "the list has no end");
  }
  return pages;
}
