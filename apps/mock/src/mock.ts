import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Contract, wutsContract } from "@wuts/contract";
import { createEngine } from "./engine.ts";
import { answerRequest } from "./http/answer.ts";

export { listOutcomes, type Outcome } from "./outcomes/outcomes.ts";

/** Where a mock listens. */
export interface MockOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** `127.0.0.1` unless told otherwise. */
  readonly host?: string;
  /** What it answers from; this version's contract unless told otherwise. */
  readonly contract?: Contract;
  /** Gets requests first, and hands on what it does not answer: a page, say, that is to be tried on the mock. */
  readonly front?: (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
}

/** A mock that is listening. */
export interface Mock {
  /** As `http://127.0.0.1:4010`. */
  readonly url: string;
  /**
   * Answers from another contract from now on; requests under way are answered from the one they came to. Rejects when
   * the other one is not taken, and stays with the one it has.
   */
  use(contract: Contract): Promise<void>;
  /** Closes it and every connection to it. */
  stop(): Promise<void>;
}

/**
 * Starts a mock of a contract. Several may run in one process. Rejects when the port cannot be taken, or the contract is
 * not one that Prism takes.
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
