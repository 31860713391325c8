import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** What a server was asked. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** When, on the clock of `performance.now()`. */
  readonly at: number;
}

/**
 * How to answer: with a status, a body (texts as they are, anything else as JSON) and headers; `"silence"` never;
 * `"half"` with the beginning of a body, `"cut"` with that and the end of the connection; `"reset"` by closing the connection.
 */
export type PlannedAnswer = CompleteAnswer | "silence" | "half" | "cut" | "reset";

type CompleteAnswer = readonly [
  status: number,
  body?: unknown,
  headers?: Readonly<Record<string, string>> | undefined,
];

/** A server on a free port that answers everything the same way. */
export function answering(
  status: number | "silence",
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) {
  return answeringInTurn([status === "silence" ? status : [status, body, headers]]);
}

/** A server that gives one answer after the other, and then the last one again and again. */
export async function answeringInTurn(answers: readonly PlannedAnswer[], port = 0) {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const at = performance.now();
    const answer = answers[Math.min(requests.length, answers.length - 1)] ?? "silence";
    requests.push({ method, url, headers, body: await text(request), at });
    if (answer === "silence") return;
    if (answer === "reset") request.socket.destroy();
    else if (answer === "half" || answer === "cut") {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.write("{", () => answer === "cut" && request.socket.destroy());
    } else send(response, answer);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    requests,
    async stop(): Promise<void> {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(response: ServerResponse, [status, body = "", headers = {}]: CompleteAnswer): void {
  const isText = typeof body === "string";
  const type = isText ? {} : { "Content-Type": "application/json; charset=utf-8" };
  response.writeHead(status, { ...type, ...headers }).end(isText ? body : JSON.stringify(body));
}
