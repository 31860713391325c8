import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";

/** What a server was asked. */
export interface ReceivedRequest {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * A server on a free port that answers everything the same way: texts as they are, anything else as JSON. With `"silence"`
 * in place of a status it never answers.
 */
export async function answering(
  status: number | "silence",
  body: unknown = "",
  headers: Readonly<Record<string, string>> = {},
) {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (request, response) => {
    requests.push({ url: request.url ?? "", headers: request.headers, body: await text(request) });
    if (status === "silence") return;
    const isText = typeof body === "string";
    const type = isText ? {} : { "Content-Type": "application/json; charset=utf-8" };
    response.writeHead(status, { ...type, ...headers }).end(isText ? body : JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async stop(): Promise<void> {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
