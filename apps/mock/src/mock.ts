import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Contract, wutsContract } from "@wuts/contract";
import { createEngine } from "./engine.ts";
import { answerRequest } from "./http/answer.ts";

export { listOutcomes, type Outcome } from "./outcomes/outcomes.ts";

/** Options of a mock. */
export interface MockOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** `127.0.0.1` by default. */
  readonly host?: string;
  /** The contract to serve; this version's contract by default. */
  readonly contract?: Contract;
  /** A middleware that gets each request first, for example to serve a page. */
  readonly front?: (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
}

/** A running mock. */
export interface Mock {
  /** As `http://127.0.0.1:4010`. */
  readonly url: string;
  /**
   * Replaces the contract. Requests in progress are answered from the old one.
   * @throws Error when Prism rejects the contract; the mock then keeps the old one
   */
  use(contract: Contract): Promise<void>;
  /** Closes it and every connection to it. */
  stop(): Promise<void>;
}

/**
 * Starts a mock of a contract. Several mocks can run in one process.
 * @throws Error when the port cannot be used, or Prism rejects the contract
 */
export async function startMock(options: MockOptions): Promise<Mock> {
  const { port, host = "127.0.0.1", contract = wutsContract, front } = options;
  let engine = await createEngine(contract);
  const server = createServer((request, response) => {
    const answer = () => void answerRequest(engine, request, response);
    if (front) front(request, response, answer);
    else answer();
  });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the mock has no port");
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    async use(other) {
      engine = await createEngine(other);
    },
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
