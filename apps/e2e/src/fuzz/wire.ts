import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Answer, parsed } from "../support/ask.ts";

/** A request as it is sent, byte by byte, so that it may be as wrong as it likes. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, as latin1. */
  readonly target: string;
  /** As they are sent, in this order, as latin1; without those that frame the body. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: Buffer;
  /** `length` counts the body before, `chunks` does not; `headers` leaves it to the headers. */
  readonly framing?: "length" | "chunks" | "headers";
}

/** One connection, on which one request after the other may be sent. */
export interface Connection {
  /** @throws Error when no answer is there in time, or what came is none */
  ask(request: WireRequest, deadlineMs: number): Promise<WireAnswer>;
  close(): void;
}

/** An answer, and whether the server keeps the connection for another request. */
export interface WireAnswer extends Omit<Answer, "requestId"> {
  readonly keptAlive: boolean;
}

export async function openConnection(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // The code that waits for a response sees what goes wrong.
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return {
    async ask(request, deadlineMs) {
      const answered = readAnswer(socket, request.method, deadlineMs);
      socket.write(bytesOf(request));
      return answered;
    },
    close: () => socket.destroy(),
  };
}

export function bytesOf({ method, target, headers, body, framing = "length" }: WireRequest): Buffer {
  const frames =
    framing === "chunks"
      ? [["Transfer-Encoding", "chunked"] as const]
      : framing === "length" && body
        ? [["Content-Length", `${body.length}`] as const]
        : [];
  const lines = [...headers, ...frames].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
  if (!body) return head;
  return Buffer.concat([head, ...(framing === "chunks" ? chunksOf(body) : [body])]);
}

function chunksOf(body: Buffer): Buffer[] {
  const size = Math.max(1, Math.ceil(body.length / 3));
  const pieces = [];
  for (let start = 0; start < body.length; start += size) {
    const piece = body.subarray(start, start + size);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
  }
  return [...pieces, Buffer.from("0\r\n\r\n")];
}

function readAnswer(socket: Socket, method: string, deadlineMs: number): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const stop = () => {
      clearTimeout(timer);
      socket.off("data", onData);
      socket.off("close", onEnd);
      socket.off("end", onEnd);
    };
    const settle = (ended: boolean) => {
      try {
        const answer = parseAnswer(received, method, ended);
        if (!answer) return;
        stop();
        resolve(answer);
      } catch (error) {
        stop();
        reject(error);
      }
    };
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      settle(false);
    };
    const onEnd = () => settle(true);
    const timer = setTimeout(() => {
      stop();
      reject(
        new Error(`no answer after ${deadlineMs} ms, but ${JSON.stringify(received.toString("latin1"))}`),
      );
    }, deadlineMs);
    socket.on("data", onData);
    socket.on("end", onEnd);
    socket.on("close", onEnd);
    if (socket.destroyed) onEnd();
  });
}

/** @returns `undefined` when more must come @throws Error when it is no answer */
function parseAnswer(received: Buffer, method: string, ended: boolean): WireAnswer | undefined {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) {
    if (!ended) return undefined;
    throw new Error(`the connection was closed after ${JSON.stringify(received.toString("latin1"))}`);
  }
  const [first = "", ...lines] = received.subarray(0, end).toString("latin1").split("\r\n");
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new Error(`${JSON.stringify(first)} begins no answer`);
  if (status < 200) return parseAnswer(received.subarray(end + 4), method, ended);
  const headers = new Headers(
    lines.map((line) => [nameIn(line), line.slice(nameIn(line).length + 1).trim()]),
  );
  const hasBody = method !== "HEAD" && status !== 204 && status !== 304;
  const bytes = hasBody ? parseBody(received.subarray(end + 4), headers, ended) : Buffer.alloc(0);
  if (!bytes) return undefined;
  const [contentType = ""] = (headers.get("content-type") ?? "").split(";");
  const text = bytes.toString("utf8");
  return {
    status,
    headers,
    contentType,
    text,
    body: hasBody ? parsed(contentType, text) : text,
    keptAlive: !ended && headers.get("connection") !== "close",
  };
}

function nameIn(line: string): string {
  return line.slice(0, line.indexOf(":"));
}

function parseBody(bytes: Buffer, headers: Headers, ended: boolean): Buffer | undefined {
  const length = headers.get("content-length");
  if (length !== null) {
    if (bytes.length > Number(length)) throw new Error("more than one answer came");
    if (bytes.length === Number(length)) return bytes;
    if (ended) throw new Error(`the connection was closed after ${bytes.length} of ${length} bytes`);
    return undefined;
  }
  if (headers.get("transfer-encoding") === "chunked") return parseChunks(bytes, ended);
  return ended ? bytes : undefined;
}

function parseChunks(bytes: Buffer, ended: boolean): Buffer | undefined {
  const pieces = [];
  for (let start = 0; ; ) {
    const end = bytes.indexOf("\r\n", start);
    const size = end < 0 ? 0 : Number.parseInt(bytes.subarray(start, end).toString("latin1"), 16);
    const next = end + 2 + size + 2;
    if (end < 0 || bytes.length < next) {
      if (ended) throw new Error("the connection was closed between two chunks");
      return undefined;
    }
    if (size === 0) {
      if (bytes.length > next) throw new Error("more than one answer came");
      return Buffer.concat(pieces);
    }
    pieces.push(bytes.subarray(end + 2, end + 2 + size));
    start = next;
  }
}
