import assert from "node:assert/strict";
import type { World } from "./world.ts";

/** An answer that comes line by line. */
export interface Lines {
  readonly response: Response;
  /** The next line, parsed. Fails when there is none. */
  next(): Promise<unknown>;
  /** The lines that are left. */
  rest(): Promise<unknown[]>;
  /** Closes the connection. */
  close(): void;
}

/** Sends a body and asks for lines, as the admin unless told otherwise. Fails unless it is lines that come. */
export async function askForLines(
  world: World,
  path: string,
  body: object,
  token: string = world.token,
): Promise<Lines> {
  const gone = new AbortController();
  const response = await fetch(`${world.url}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/x-ndjson",
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
    signal: gone.signal,
  });
  if (response.headers.get("content-type") !== "application/x-ndjson")
    assert.fail(`${response.status} ${await response.text()}`);
  assert.ok(response.body);
  const lines = linesOf(response.body);
  return {
    response,
    async next() {
      const { done, value } = await lines.next();
      assert.ok(!done, "there is no other line");
      return value;
    },
    async rest() {
      const left = [];
      for await (const line of lines) left.push(line);
      return left;
    },
    close: () => gone.abort(),
  };
}

async function* linesOf(body: NonNullable<Response["body"]>): AsyncGenerator<unknown> {
  let begun = "";
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    const parts = `${begun}${piece}`.split("\n");
    begun = parts.pop() ?? "";
    for (const line of parts) yield JSON.parse(line);
  }
  assert.equal(begun, "", "the last line ends");
}
