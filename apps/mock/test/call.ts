import assert from "node:assert/strict";

export const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
export const bearer = { Authorization: `Bearer ${token}` };
export const json = { ...bearer, "Content-Type": "application/json" };

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** Parsed if the response is JSON. */
  body: unknown;
}

/** Creates a function that calls the server at `url`, with a token unless `init` has headers. */
export function caller(url: string) {
  return async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(url + path, { headers: bearer, ...init });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    const body: unknown = isJson ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, body };
  };
}

/** Asserts everything that the contract requires of an error response. */
export function isError(answer: Answer, status: number, code: string): void {
  assert.equal(answer.status, status);
  const { body } = answer;
  assert.ok(typeof body === "object" && body !== null);
  assert.deepEqual(
    Object.keys(body).filter((key) => key !== "validation"),
    ["success", "error", "error_code", "timestamp", "request_id"],
  );
  assert.partialDeepStrictEqual(body, {
    success: false,
    error_code: code,
    request_id: answer.headers.get("x-request-id"),
  });
  assert.ok("timestamp" in body && typeof body.timestamp === "string");
  assert.ok(Math.abs(Date.parse(body.timestamp) - Date.now()) < 60_000, "the time of the answer");
  assert.equal("validation" in body, ["VALIDATION_ERROR", "INVALID_CURSOR"].includes(code));
}
