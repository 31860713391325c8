import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Answer, assertInvalid, assertRefused, dataOf } from "../../test-support/call.ts";
import { answerIn, openRawSocket } from "../../test-support/raw-socket.ts";
import { startWorld, type World } from "../../test-support/world.ts";

describe("What is no HTTP request", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  /** Sends these bytes, and reads what comes until the server closes the connection. */
  async function send(...pieces: string[]): Promise<Answer> {
    const { socket, closed } = await openRawSocket(world.url);
    for (const piece of pieces) {
      socket.write(piece, "latin1");
      await new Promise((resolve) => setImmediate(resolve));
    }
    const answer = answerIn(await closed);
    assert.equal(answer.headers.get("connection"), "close");
    return answer;
  }

  const long = "x".repeat(17_000);
  for (const [what, field, ...pieces] of [
    ["a URL that is too long", "headers", `GET /devices?x=${long} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ["a header that is too long", "headers", `GET /devices HTTP/1.1\r\nHost: x\r\nX-Long: ${long}\r\n\r\n`],
    [
      "headers that go on and on",
      "headers",
      "GET / HTTP/1.1\r\n",
      ...Array<string>(50).fill(`X: ${"x".repeat(1_000)}\r\n`),
    ],
    ["NUL in a header", "request", "GET /devices HTTP/1.1\r\nHost: x\r\nX-Odd: a\0b\r\n\r\n"],
    ["raw bytes in a URL", "request", "GET /devices/\u00ff HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["an unknown method", "request", "FETCH /devices HTTP/1.1\r\nHost: x\r\n\r\n"],
    [
      "two ways to tell the length",
      "request",
      "POST /devices HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    ],
    ["another protocol", "request", "\u0016\u0003\u0001"],
    ["a request without Host", "Host", "GET /health/live HTTP/1.1\r\n\r\n"],
    ["a request with two Hosts", "Host", "GET /health/live HTTP/1.1\r\nHost: x\r\nhost: y\r\n\r\n"],
  ] as const) {
    it(`gets 400 in the error envelope when it is ${what}`, async () => {
      assertInvalid(await send(...pieces), field);
      dataOf(await world.call("/devices"));
    });
  }

  it("gets it also when the body turns out to be none, halfway through a request", async () => {
    const head = `POST /devices HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.token}\r\nContent-Type: application/json\r\n`;
    const answer = await send(`${head}Transfer-Encoding: chunked\r\n\r\n`, "ZZ\r\n{}\r\n");
    assertInvalid(answer, "request");
    dataOf(await world.call("/devices"));
  });

  it("is CONNECT, a method like any other that the path does not take", async () => {
    const answer = await send("CONNECT /devices HTTP/1.1\r\nHost: x\r\n\r\n");
    assertRefused(answer, 405, "METHOD_NOT_ALLOWED");
    assert.equal(answer.headers.get("allow"), "GET, HEAD, POST");
  });

  it("gets 417 in the error envelope when it expects what there is not", async () => {
    const answer = await send("GET /health/live HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\n\r\n");
    assert.equal(answer.status, 417);
    assert.partialDeepStrictEqual(answer.body, {
      success: false,
      error_code: "VALIDATION_ERROR",
      validation: [{ field: "Expect", message: "must be 100-continue" }],
    });
  });

  it("is no HTTP/1.0, which has no Host", async () => {
    const answer = await send("GET /health/live HTTP/1.0\r\n\r\n");
    assert.deepEqual(dataOf(answer), { status: "alive" });
  });
});
