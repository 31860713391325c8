import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { FieldError } from "@wuts/contract";
import { SurplusBytes } from "./fairness/surplus-bytes.ts";
import { maxHeaderBytes } from "./pipeline/url-limit.ts";
import { rejectMalformedRequest } from "./responses/malformed-requests.ts";

export interface HttpServer {
  /** @param port 0 picks a free one @returns the base URL @throws the system's error, such as `EADDRINUSE` */
  listen(host: string, port: number): Promise<string>;
  /**
   * Lets the requests that are under way finish, for `budgetMs` at the most, and closes. Until then new requests are
   * still answered, so that a load balancer can see that the server is not ready.
   */
  drain(budgetMs: number): Promise<void>;
}

/** Limits of the resources that a client may hold. */
export interface ServerLimits {
  /** How long the headers of a request may take to arrive. */
  readonly headersTimeoutMs: number;
  /** How long a whole request may take to arrive, and how long a client may read nothing of its response. */
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
}

export function createHttpServer(listener: RequestListener, limits: ServerLimits): HttpServer {
  const underWay = new Set<Promise<unknown>>();
  const surplus = new SurplusBytes();
  const answering = new WeakMap<Duplex, ServerResponse>();
  const take: RequestListener = (request, response) => {
    const done = new Promise((resolve) => response.once("close", resolve));
    underWay.add(done);
    void done.then(() => underWay.delete(done));
    answering.set(request.socket, response);
    response.once("finish", () => {
      // The response, such as 413, may be sent before the body has arrived.
      if (!request.complete) surplus.drop(request, request.socket);
    });
    const problem = problemOfHost(request) ?? problemOfTarget(request);
    if (problem === undefined) listener(request, response);
    else rejectMalformedRequest(request.socket, problem, surplus);
  };
  const refuseExpectation: RequestListener = ({ socket }) =>
    rejectMalformedRequest(socket, { field: "Expect", message: "must be 100-continue" }, surplus, 417);
  const checkEveryMs = Math.ceil(Math.min(1_000, limits.headersTimeoutMs / 4));
  const options = {
    requireHostHeader: false,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: checkEveryMs,
    // Longer than most load balancers keep idle connections (a minute), so that none sends into a connection that is being
    // closed.
    keepAliveTimeout: 65_000,
  };
  // Node would answer these without the error envelope, and CONNECT not at all.
  const server = createServer(options, take)
    .on("checkExpectation", refuseExpectation)
    .on("connect", (request, socket) => take(request, responseOn(socket, request, surplus)))
    .on("clientError", (error, socket) => {
      const answer = answering.get(socket);
      if (answer?.headersSent && !answer.writableFinished) socket.destroy();
      else rejectMalformedRequest(socket, error, surplus);
    })
    .on("timeout", (socket) => {
      const answer = answering.get(socket);
      // A socket is also idle while a response, or the rest of it, is being produced. Producing it has its own deadlines, and
      // so has a request that is still arriving.
      const isBeingMade = answer !== undefined && !answer.writableFinished && socket.writableLength === 0;
      if (!isBeingMade) socket.destroy();
    });
  server.maxConnections = limits.maxConnections;
  // The idle timeout of a socket. Longer than the other timeouts, which send the client a response.
  server.timeout = limits.requestTimeoutMs + 2 * checkEveryMs;
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

/** RFC 9112, section 3.2. With two `Host` headers, a proxy before this server may have used the other one. */
function problemOfHost({ httpVersion, headers, rawHeaders }: IncomingMessage): FieldError | undefined {
  if (headers.host === undefined)
    return httpVersion === "1.1" ? { field: "Host", message: "is missing" } : undefined;
  const names = rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === "host");
  return names.length > 1 ? { field: "Host", message: "must be given only once" } : undefined;
}

/**
 * Gives every target the form of a path, which all handlers expect. One in authority form, which only CONNECT has, is none. Of
 * one in absolute form, which clients send to proxies, the host counts, and not the one in the header (RFC 9112, section 3.2.2).
 */
function problemOfTarget(request: IncomingMessage): FieldError | undefined {
  const target = request.url ?? "";
  if (target.includes("#")) return { field: "URL", message: "must not have a fragment, which begins with #" };
  if (request.method === "CONNECT" && !target.startsWith("/")) request.url = "/";
  const [whole, scheme, host] = /^([a-z][a-z0-9+.-]*):\/\/([^/?]*)/i.exec(target) ?? [];
  if (whole === undefined) return undefined;
  if (!/^https?$/i.test(scheme ?? "")) return { field: "URL", message: "must be one of HTTP" };
  if (!host) return { field: "URL", message: "has no host" };
  const rest = target.slice(whole.length);
  request.headers.host = host;
  request.url = rest.startsWith("/") ? rest : `/${rest}`;
  return undefined;
}

/**
 * Creates a response for a request that Node has handed over with its connection; it is the last response on the connection.
 */
function responseOn(connection: Duplex, request: IncomingMessage, surplus: SurplusBytes): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  if (connection instanceof Socket) response.assignSocket(connection);
  response.once("finish", () => {
    connection.end();
    surplus.drop(connection, connection);
  });
  return response;
}
