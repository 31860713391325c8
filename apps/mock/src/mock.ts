import { type Contract, withParameter, wutsContract } from "@wuts/contract";
import {
  authorize,
  bodyLimitOf,
  createFront,
  createHttpServer,
  createResponseValidator,
  docsPage,
  leadBrowserTo,
  type Origins,
  readBodies,
  readConfig,
  Shares,
  schemasOf,
} from "@wuts/server/front";
import type { Express, RequestHandler } from "express";
import { createEngine } from "./engine.ts";
import { ExampleFiles } from "./http/example-files.ts";
import { identifyAnyone } from "./http/identify.ts";
import { preferParameter } from "./http/prefer.ts";
import { responders } from "./http/respond.ts";

export { listOutcomes, type Outcome } from "./outcomes/outcomes.ts";

/** Options of a mock. */
export interface MockOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** `127.0.0.1` by default. */
  readonly host?: string;
  /** The contract to serve; this version's contract by default. */
  readonly contract?: Contract;
  /** The origins whose pages may send requests; all by default. */
  readonly corsOrigins?: Origins;
  /** A middleware that gets each request first, for example to serve a page. */
  readonly front?: RequestHandler;
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
 * Starts a mock of a contract: the server's front, with Prism in the place of the handlers. Several mocks can run in one process.
 * @throws Error when the port cannot be used, or Prism rejects the contract
 */
export async function startMock(options: MockOptions): Promise<Mock> {
  const { port, host = "127.0.0.1", contract = wutsContract } = options;
  const files = new ExampleFiles();
  let app = await createMockApp(contract, options, files);
  const http = createHttpServer((request, response) => app(request, response), usual);
  return {
    url: await http.listen(host, port),
    async use(other) {
      app = await createMockApp(other, options, files);
    },
    async stop() {
      await http.drain(0);
      await files.remove();
    },
  };
}

/** The server's settings where none is set. */
const usual = readConfig({});

async function createMockApp(
  contract: Contract,
  { corsOrigins = "*", front }: MockOptions,
  files: ExampleFiles,
): Promise<Express> {
  const engine = await createEngine(contract);
  const declared = withParameter(contract, preferParameter.name, preferParameter);
  const { preferred, usual: respond } = responders(engine, files, declared);
  // The mock is also used while a contract is being written, and need not have all of an error that it documents.
  const violations = { fail: false, report: () => undefined };
  return createFront({
    contract,
    violations,
    sendJson: createResponseValidator(contract, schemasOf(contract), violations),
    log: { error: (details, message) => console.error(message, details), warn: () => undefined },
    cors: { origins: corsOrigins, moreHeaders: [preferParameter.name] },
    trustProxy: false,
    stages: {
      observe: [],
      addPages(app) {
        if (front) app.use(front);
        app.use("/docs", docsPage(declared));
        app.get("/", leadBrowserTo("docs"));
      },
      admit: [identifyAnyone, authorize(true, { token: "any" }), preferred],
      readBody: readBodies({
        limitOf: (operation) => bodyLimitOf(usual, operation),
        shares: new Shares({ what: "bytes", total: Infinity, perOwner: Infinity }),
        requireDevice: () => Promise.resolve(),
      }),
      bodyRead: [],
      handle: [respond],
      refuse: [],
    },
  });
}
