import { once } from "node:events";
import { createServer } from "node:http";
import { answerRequest } from "./answer.ts";
import { createEngine } from "./engine.ts";

export { listOutcomes, type Outcome } from "./outcomes.ts";

/** Where a mock listens. */
export interface MockOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** `127.0.0.1` unless told otherwise. */
  readonly host?: string;
}

/** A mock that is listening. */
export interface Mock {
  /** As `http://127.0.0.1:4010`. */
  readonly url: string;
  /** Closes it and every connection to it. */
  stop(): Promise<void>;
}

/** Starts a mock of the contract. Several may run in one process. Rejects when the port cannot be taken. */
export async function startMock({ port, host = "127.0.0.1" }: MockOptions): Promise<Mock> {
  const engine = await createEngine();
  const server = createServer((request, response) => void answerRequest(engine, request, response));
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the mock has no port");
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
