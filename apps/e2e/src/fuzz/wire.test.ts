import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { describe, it, type TestContext } from "vitest";
import { asCommand } from "./printable.ts";
import { bytesOf, openConnection, type WireRequest } from "./wire.ts";

/** A server that answers every piece it gets with the next of these, and closes after the last if told so. */
async function answering(t: TestContext, pieces: readonly string[], close = false) {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => {
      for (const piece of pieces) socket.write(piece, "latin1");
      if (close) socket.end();
    });
  }).listen(0, "127.0.0.1");
  t.onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  const connection = await openConnection(`http://127.0.0.1:${address.port}`);
  t.onTestFinished(() => connection.close());
  return (method: string) => connection.ask({ method, target: "/", headers: [] }, 500);
}

describe("An answer", () => {
  it("is read by its length, however it comes in", async (t) => {
    const ask = await answering(t, [
      "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nCont",
      'ent-Length: 7\r\n\r\n{"a"',
      ":1}",
    ]);
    for (let round = 0; round < 2; round += 1) {
      const { status, body, contentType, keptAlive } = await ask("GET");
      assert.deepEqual([status, body, contentType, keptAlive], [200, { a: 1 }, "application/json", true]);
    }
  });

  it("is read by its chunks", async (t) => {
    const ask = await answering(t, [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab\n\r\n",
      "1;x\r\nc\r\n0\r\n",
      "\r\n",
    ]);
    assert.equal((await ask("GET")).text, "ab\nc");
  });

  it("is read to the end of the connection, which is not kept then", async (t) => {
    const ask = await answering(t, ["HTTP/1.1 200 OK\r\n\r\nabc"], true);
    const { text, keptAlive } = await ask("GET");
    assert.deepEqual([text, keptAlive], ["abc", false]);
  });

  it("to HEAD has no body, and interim answers do not count", async (t) => {
    const ask = await answering(t, [
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 405 Not Allowed\r\nContent-Length: 9\r\nConnection: close\r\n\r\n",
    ]);
    const { status, text, keptAlive } = await ask("HEAD");
    assert.deepEqual([status, text, keptAlive], [405, "", false]);
  });

  for (const [what, pieces, close, message] of [
    ["that does not come", [], false, /no answer after 500 ms/],
    [
      "that is cut off",
      ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"],
      true,
      /closed after 3 of 9 bytes/,
    ],
    [
      "that is followed by another",
      ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc"],
      false,
      /more than one answer/,
    ],
    ["that is none", ["SSH-2.0-x\r\n\r\n"], false, /begins no answer/],
    ["that is empty", [], true, /closed after ""/],
  ] as const) {
    it(`${what} is an error`, async (t) => {
      const ask = await answering(t, pieces, close);
      await assert.rejects(ask("GET"), message);
    });
  }
});

describe("A printed request", () => {
  it("is one that a shell sends byte by byte, with a token of one's own", async () => {
    const token = "3f2b8c1a-9d4e-4f6a-8b7c-5e1d2a3b4c5d";
    const request: WireRequest = {
      method: "POST",
      target: `/a?b=%00&c='"\\$x\u00ff${"y".repeat(150)}`,
      headers: [
        ["Authorization", `Bearer ${token}`],
        ["X-Odd", "\0\u0001`date`!%s"],
      ],
      body: Buffer.from([...Buffer.alloc(200, "["), 0, 0xff, 0x0a, ...Buffer.from("'%d\u00e9")]),
      framing: "chunks",
    };
    const command = asCommand(request, [token]);
    assert.ok(!command.includes(token) && command.length < 700);
    const [send = ""] = command.split(" | nc ");
    const { stdout } = await promisify(execFile)("bash", ["-c", send], {
      encoding: "buffer",
      env: { ...process.env, TOKEN: token },
    });
    assert.equal(stdout.toString("latin1"), bytesOf(request).toString("latin1"));
  });
});
