import assert from "node:assert/strict";
import { startMock } from "@wuts/mock";
import type { Answer } from "@wuts/server/test-support/call";
import { answerIn, openRawSocket } from "@wuts/server/test-support/raw-socket";
import { startWorld } from "@wuts/server/test-support/world";
import { afterAll, describe, it } from "vitest";
import { type WireCase, wireCases } from "./requests.ts";

const world = await startWorld({ WUTS_CORS_ORIGINS: "*" });
const mock = await startMock({ port: 0 });
afterAll(() => Promise.all([world.stop(), mock.stop()]));

/** Sends a request as it is, and reads until the server closes the connection. */
async function send(url: string, { text }: WireCase): Promise<Answer> {
  const { socket, closed } = await openRawSocket(url);
  socket.write(text.replaceAll("TOKEN", world.token), "latin1");
  const received = await closed;
  // Interim responses, such as 100, come before the response.
  return answerIn(received.replace(/^(?:HTTP\/1\.1 1\d\d [^\r]*\r\n\r\n)+/, ""));
}

/** What a client can tell of a response, without what differs between two responses of one server. */
function seenIn({ status, headers, body }: Answer) {
  const { error_code, validation } = Object(body);
  const names = [
    "allow",
    "content-type",
    "connection",
    "www-authenticate",
    "cache-control",
    "x-content-type-options",
  ];
  const cors = [...headers.keys()].filter((name) => name.startsWith("access-control-"));
  return {
    status,
    error_code,
    validation,
    error: status < 400 ? undefined : Object(body).error,
    headers: Object.fromEntries([...names, ...cors].map((name) => [name, headers.get(name) ?? undefined])),
    has_request_id: headers.has("x-request-id"),
  };
}

/** The mock allows one header more to pages: it selects outcomes. */
function withoutPrefer(answer: ReturnType<typeof seenIn>) {
  const headers = Object.entries(answer.headers).map(([name, value]) => [
    name,
    value?.replace(/,Prefer$/, ""),
  ]);
  return { ...answer, headers: Object.fromEntries(headers) };
}

describe("On the wire, the server and the mock answer the same to", () => {
  for (const wireCase of wireCases) {
    it(wireCase.title.slice(0, 100), async () => {
      const [server, mocked] = await Promise.all([send(world.url, wireCase), send(mock.url, wireCase)]);
      const { status, code, fields } = wireCase;
      const seen = seenIn(server);
      assert.deepEqual(
        [seen.status, seen.error_code, seen.validation?.map(({ field }: { field: string }) => field)],
        [status, code, fields],
        JSON.stringify(server.body),
      );
      assert.deepEqual(withoutPrefer(seenIn(mocked)), seen);
    });
  }
});
