import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { Devices } from "./devices/devices.ts";
import { Failure } from "./failures.ts";
import { createApp } from "./http/app.ts";
import { createHttpServer } from "./http/http-server.ts";
import { createLog } from "./log.ts";
import { handlers } from "./operations/handlers.ts";
import type { Handlers, Readiness } from "./operations/operation.ts";
import { isAnswering, openDatabase } from "./storage/database.ts";
import { usersIn } from "./storage/users.ts";

export interface Server {
  /** Starts to take requests and to connect the paired devices. @returns the base URL */
  listen(): Promise<string>;
  /** Lets requests finish within the budget, ends all connections without unlinking, closes the database. */
  stop(): Promise<void>;
  /** The first admin's token, if this start created one. */
  readonly bootstrapToken: string | undefined;
}

export interface Overrides {
  /** Handlers to use instead of the server's own; for tests that need a server with a bug. */
  readonly handlers?: Partial<Handlers>;
  readonly log?: Logger;
}

/** Wires a server together; several can live in one process. Opens the database, but listens to nothing yet. */
export async function composeServer(config: Config, overrides: Overrides = {}): Promise<Server> {
  const log = overrides.log ?? createLog(config.logLevel);
  const database = await openDatabase(config.dataDir);
  const users = usersIn(database);
  const token = config.bootstrapToken ?? randomUUID();
  const bootstrapped = await users.bootstrap(token);
  const devices = new Devices(
    database,
    {
      whatsapp: config.whatsapp,
      reconnect: { ...config.reconnect, stableMs: 60_000 },
      restoreConcurrency: config.restoreConcurrency,
      queries: { concurrency: config.deviceConcurrency, maxWaiting: config.deviceQueue },
    },
    log,
  );
  let draining = false;
  const readiness: Readiness = {
    async check() {
      if (draining) throw new Failure("ServerNotReady");
      if (!(await isAnswering(database))) {
        throw new Failure("ServerNotReady", { message: "the database does not answer" });
      }
    },
  };
  const app = createApp({
    users,
    services: { devices, readiness },
    handlers: { ...handlers, ...overrides.handlers },
    bodyLimitBytes: config.bodyLimitBytes,
    responseViolations: config.responseViolations,
    log,
  });
  const http = createHttpServer(app);
  let restored: Promise<void> = Promise.resolve();
  return {
    bootstrapToken: bootstrapped ? token : undefined,
    async listen() {
      const url = await http.listen(config.host, config.port);
      log.info({ url }, "listening");
      restored = devices.restore().catch((error: unknown) => {
        log.error({ err: error }, "devices could not be restored");
      });
      return url;
    },
    async stop() {
      draining = true;
      await http.drain(config.shutdownTimeoutMs);
      await devices.stop();
      await restored;
      await database.destroy();
      log.info("stopped");
    },
  };
}
