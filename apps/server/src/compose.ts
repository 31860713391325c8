import { randomUUID } from "node:crypto";
import { type Contract, wutsContract } from "@wuts/contract";
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { Devices } from "./devices/devices.ts";
import { Failure } from "./failures.ts";
import { createApp } from "./http/app.ts";
import { refuseDrift } from "./http/drift.ts";
import { createHttpServer } from "./http/http-server.ts";
import { createLog } from "./log.ts";
import { handlers } from "./operations/handlers.ts";
import type { Handlers, Readiness } from "./operations/operation.ts";
import { isAnswering, openDatabase } from "./storage/database.ts";
import { openKeyRing } from "./storage/key-ring.ts";
import { usersIn } from "./storage/users.ts";

export interface Server {
  /** Starts to take requests and to connect the paired devices. @returns the base URL */
  listen(): Promise<string>;
  /** Lets requests finish within the budget, ends all connections without unlinking, closes the database. */
  stop(): Promise<void>;
  /** The first admin's token, if this start created one. */
  readonly bootstrapToken: string | undefined;
}

/** What to use instead of the server's own; for tests that need a server with a bug. */
export interface Overrides {
  readonly contract?: Contract;
  readonly handlers?: Partial<Handlers>;
  readonly log?: Logger;
  /** Gets requests before their handlers do, and may answer what no handler could. */
  readonly intercept?: RequestHandler;
}

/**
 * Wires a server together; several can live in one process. Opens the database, but listens to nothing yet.
 * @throws ContractDrift when handlers, roles or failures are not those of the contract
 * @throws SecretKeyError when the keys that encrypt credentials cannot be used, or one is missing
 */
export async function composeServer(config: Config, overrides: Overrides = {}): Promise<Server> {
  const contract = overrides.contract ?? wutsContract;
  const allHandlers = { ...handlers, ...overrides.handlers };
  refuseDrift(contract, allHandlers);
  const log = overrides.log ?? createLog(config.logLevel, contract.secretFields);
  const keyRing = openKeyRing(config.dataDir, config.secretKeys);
  const database = await openDatabase(config.dataDir, keyRing);
  const users = usersIn(database);
  const token = config.bootstrapToken ?? randomUUID();
  const bootstrapped = await users.bootstrap(token);
  const devices = new Devices(
    database,
    keyRing,
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
    contract,
    users,
    services: { contract, devices, readiness },
    handlers: allHandlers,
    bodyLimitBytes: config.bodyLimitBytes,
    responseViolations: config.responseViolations,
    log,
    intercept: overrides.intercept,
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
