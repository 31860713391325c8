import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { createLogger } from "@stoplight/prism-core";
import { createInstance, getHttpOperationsFromSpec, type IHttpRequest } from "@stoplight/prism-http";
import { contract, strictView } from "@wuts/contract";

/** Does what `prism proxy openapi.yaml <upstream> --errors` does, on a free port, except that it lets wrong requests pass. */
export async function startPrismProxy(
  upstream: string,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const forward = forwarder(upstream);
  const server = createServer((request, response) => void answer(forward, request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

// Prism writes into the document that it is given. The strict view, so that the proxy sees fields that are not described.
const operations = await getHttpOperationsFromSpec(structuredClone(strictView(contract)));

type Forward = ReturnType<typeof forwarder>;

function forwarder(upstream: string) {
  const prism = createInstance(
    {
      isProxy: true,
      upstream: new URL(upstream),
      upstreamProxy: undefined,
      // The engine reports violations in any case; what `--errors` makes of them is in `answer`.
      errors: true,
      validateResponse: true,
      // Wrong requests are the server's to refuse; Prism would answer them itself.
      validateRequest: false,
      checkSecurity: false,
      mock: { dynamic: false },
    },
    { logger: createLogger("prism", { level: "silent" }) },
  );
  return async (request: IHttpRequest) => {
    const result = await prism.request(request, operations)();
    if (result._tag === "Left") throw result.left;
    return result.right;
  };
}

async function answer(forward: Forward, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { output, validations } = await forward(await prismRequest(request));
    if (validations.output.length > 0) {
      response.setHeader("sl-violations", JSON.stringify(validations.output));
      return problem(response, "the answer breaks the contract", validations.output);
    }
    const { "content-length": _recounted, ...headers } = output.headers ?? {};
    response
      .writeHead(output.statusCode, headers)
      .end(typeof output.body === "string" ? output.body : JSON.stringify(output.body));
  } catch (error) {
    problem(response, String(error), []);
  }
}

function problem(response: ServerResponse, title: string, validation: readonly unknown[]): void {
  response.writeHead(500, { "Content-Type": "application/problem+json" });
  response.end(JSON.stringify({ title, status: 500, validation }));
}

async function prismRequest(request: IncomingMessage): Promise<IHttpRequest> {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://proxy");
  // The connection is between the two that have it.
  const { connection: _ours, "transfer-encoding": _framing, ...headers } = request.headers;
  const body = await text(request);
  return {
    method: methodOf(request),
    url: { path: pathname, query: Object.fromEntries(searchParams) },
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}`])),
    ...(body !== "" && { body }),
  };
}

function methodOf(request: IncomingMessage): IHttpRequest["method"] {
  const known = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;
  const found = known.find((method) => method === request.method?.toLowerCase());
  if (found === undefined) throw new Error(`Prism knows no method ${request.method}`);
  return found;
}
