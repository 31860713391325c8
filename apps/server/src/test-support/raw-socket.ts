import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Answer } from "./call.ts";

/** A connection on which anything can be sent, whether it is HTTP or not. */
export interface RawSocket {
  readonly socket: Socket;
  /** Everything that came so far, as latin1. */
  readonly received: string;
  /** Resolves when the connection is closed, with everything that came. */
  readonly closed: Promise<string>;
}

/** Opens a connection to a server. Its end is for the server or the test to bring about. */
export async function openRawSocket(url: string): Promise<RawSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let received = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk) => {
    received += chunk;
  });
  // A server that closes while something is being sent resets the connection.
  socket.on("error", () => undefined);
  const closed = once(socket, "close").then(() => received);
  await once(socket, "connect");
  return {
    socket,
    closed,
    get received() {
      return received;
    },
  };
}

/** Takes apart the one answer that came on a connection. */
export function answerIn(text: string): Answer {
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const headers = new Headers(
    lines.map((line): [string, string] => [line.split(":")[0] ?? "", line.replace(/^[^:]*: */, "")]),
  );
  const parsed: unknown = body === "" ? "" : JSON.parse(body);
  return { status: Number(first.split(" ")[1]), headers, body: parsed };
}
