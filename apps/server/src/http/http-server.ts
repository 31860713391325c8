import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";

export interface HttpServer {
  /** @param port 0 takes a free one @returns the base URL @throws what the system says, such as `EADDRINUSE` */
  listen(host: string, port: number): Promise<string>;
  /**
   * Lets the requests that are under way finish, for `budgetMs` at the most, and closes. Until then new requests are
   * still answered, so that a load balancer can see that the server is not ready.
   */
  drain(budgetMs: number): Promise<void>;
}

export function createHttpServer(listener: RequestListener): HttpServer {
  const underWay = new Set<Promise<unknown>>();
  const server = createServer((request, response) => {
    const done = new Promise((resolve) => response.once("close", resolve));
    underWay.add(done);
    void done.then(() => underWay.delete(done));
    response.once("finish", () => endUnreadBody(request));
    listener(request, response);
  });
  return {
    async listen(host, port) {
      server.listen(port, host);
      await once(server, "listening");
      const address = server.address();
      const actualPort = typeof address === "object" && address !== null ? address.port : port;
      return `http://${host.includes(":") ? `[${host}]` : host}:${actualPort}`;
    },
    async drain(budgetMs) {
      const budget = Promise.withResolvers<void>();
      const timer = setTimeout(budget.resolve, budgetMs);
      await Promise.race([Promise.all(underWay), budget.promise]);
      clearTimeout(timer);
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      if (server.listening || underWay.size > 0) await closed;
    },
  };
}

/**
 * The answer may be out before the body is in, such as 413. The rest is read and dropped for a moment, since a client
 * that is cut off while it sends may never see the answer; who sends on and on is cut off then.
 */
function endUnreadBody(request: IncomingMessage): void {
  if (request.complete) return;
  const timer = setTimeout(() => request.destroy(), unreadBodyMs);
  request.once("close", () => clearTimeout(timer));
}

const unreadBodyMs = 1_000;
