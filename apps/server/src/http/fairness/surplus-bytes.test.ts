import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { describe, it, onTestFinished } from "vitest";
import { createHttpServer } from "../http-server.ts";

/** The bytes that each client sends: more than fits into the buffers of a connection. */
const length = 12_000_000;

describe("Bodies that are still sent after their answers", () => {
  it("are read of a few connections at a time, all of them to the end", async () => {
    const requests: IncomingMessage[] = [];
    const url = await listen((request) => requests.push(request));
    const clients = Array.from({ length: 12 }, () => send(url, length));
    const answers = Promise.all(clients.map(secondAnswerOn));
    let isOver = false;
    void answers.finally(() => {
      isOver = true;
    });
    let most = 0;
    /** Those that have waited: what comes between two turns is read until the next one. */
    const known = new Set<IncomingMessage>();
    while (!isOver) {
      const unread = requests.filter((request) => !request.complete);
      const readNow = unread.filter((request) => !request.socket.isPaused());
      for (const request of unread) if (request.socket.isPaused()) known.add(request);
      most = Math.max(most, readNow.filter((request) => known.has(request)).length);
      await setTimeout(1);
    }
    for (const answer of await answers) assert.match(answer, /^HTTP\/1\.1 413.*HTTP\/1\.1 413/s);
    assert.ok(most >= 1 && most <= 4, `${most} connections were read at a time`);
  });

  it("are cut off when they do not end", async () => {
    const url = await listen();
    const client = send(url, Number.MAX_SAFE_INTEGER);
    await new Promise((resolve) => client.once("close", resolve));
    assert.ok(client.bytesRead > 0, "it has its answer");
  }, 20_000);
});

async function listen(onRequest: (request: IncomingMessage) => void = () => undefined): Promise<URL> {
  const server = createHttpServer(
    (request, response) => {
      onRequest(request);
      response.writeHead(413, { "content-length": 0 }).end();
    },
    { headersTimeoutMs: 30_000, requestTimeoutMs: 30_000, maxConnections: 100 },
  );
  const url = await server.listen("127.0.0.1", 0);
  onTestFinished(() => server.drain(0));
  return new URL(url);
}

/** Sends a request of so many bytes, and another one after it. */
function send({ hostname, port }: URL, length: number): Socket {
  const socket = connect(Number(port), hostname).on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  const bytes = Buffer.alloc(1_000_000, "x");
  let left = length;
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`);
  const more = () => {
    while (left > 0) {
      left -= bytes.length;
      if (!socket.write(bytes)) return;
    }
    socket.off("drain", more).write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  };
  socket.on("drain", more);
  more();
  return socket;
}

/** @returns all that was received when the second answer is there */
async function secondAnswerOn(socket: Socket): Promise<string> {
  let received = "";
  for await (const chunk of socket) {
    received += String(chunk);
    if (received.split("HTTP/1.1").length > 2) return received;
  }
  return received;
}
