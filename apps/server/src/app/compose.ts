import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Contract, wutsContract } from "@wuts/contract";
import type { RequestHandler } from "express";
import type { Logger } from "pino";
import { AuditTrail } from "../accounts/audit-trail.ts";
import { FollowedTokens } from "../accounts/followed-tokens.ts";
import { Quotas } from "../accounts/quotas.ts";
import { tokenRepository } from "../accounts/repositories/tokens.repository.ts";
import { SecurityEvents } from "../accounts/security-events.ts";
import { Tenants } from "../accounts/tenants.ts";
import { TokenCache } from "../accounts/token-cache.ts";
import { Tokens } from "../accounts/tokens.ts";
import { Users } from "../accounts/users.ts";
import { bodyLimitOf, type Config } from "../config/config.ts";
import { PictureCropper } from "../features/pictures/picture-cropper.ts";
import { pictureFileRepository } from "../features/pictures/picture-files.repository.ts";
import { PictureFiles } from "../features/pictures/picture-files.ts";
import { pictureServerModule } from "../features/pictures/picture-module.ts";
import { createApp } from "../http/app.ts";
import { assertContractMatches } from "../http/contract/contract-drift.ts";
import { Preparation, type PreparationOptions } from "../http/contract/prepare-contract.ts";
import { Shares } from "../http/fairness/shares.ts";
import { createHttpServer } from "../http/http-server.ts";
import { Idempotency } from "../http/idempotency/idempotency.ts";
import { metricsAccess } from "../http/pipeline/metrics-access.ts";
import { RateLimits } from "../http/pipeline/rate-limits.ts";
import { Failure } from "../kernel/failures.ts";
import { createLog } from "../observability/log.ts";
import { Metrics } from "../observability/metrics.ts";
import { combineObservers, startTracing } from "../observability/tracing.ts";
import type { DeviceServices } from "../operations/device-services.ts";
import { handlers } from "../operations/handlers.gen.ts";
import type { Handlers, Readiness } from "../operations/operation.ts";
import { DeviceRegistry } from "../sessions/device-registry.ts";
import { deviceRepository } from "../sessions/devices.repository.ts";
import { PairingQuotas } from "../sessions/pairing/pairing-quotas.ts";
import { SessionService } from "../sessions/session-service.ts";
import { openKeyRing } from "../storage/encryption/key-ring.ts";
import { ChangesElsewhere } from "../storage/engine/changes-elsewhere.ts";
import { openDatabase, openUrgently } from "../storage/engine/database.ts";
import { folderIdOf } from "../storage/engine/folder-id.ts";
import { probeOf } from "../storage/engine/probes.ts";
import { takeServerId } from "../storage/engine/server-id.ts";
import { serverRepository } from "../storage/engine/servers.ts";
import { keepNothing } from "../storage/idempotency/keep-response.ts";
import { Presence } from "../storage/presence.ts";
import { bootstrap, type FirstAdmin } from "./bootstrap.ts";
import { composeDeviceFrom } from "./compose-device.ts";

export interface Server {
  /** Starts to accept requests and to connect the paired devices. @returns the base URL */
  listen(): Promise<string>;
  /** Lets requests finish within the budget, ends all connections without unlinking, closes the database. */
  stop(): Promise<void>;
  readonly firstAdmin: FirstAdmin;
  /** Resolves some time after the paired devices were restored, when nothing is left that is compiled ahead of requests. */
  readonly prepared: Promise<void>;
  /**
   * Creates a code that signs the first admin in to the console, once within a day, while the token that was created works.
   * @returns `undefined` when this start has created no token
   */
  createFirstSignInCode(): Promise<string | undefined>;
}

/** Replacements for the server's own parts; for tests that need a server with a bug. */
export interface Overrides {
  readonly contract?: Contract;
  readonly handlers?: Partial<Handlers>;
  readonly log?: Logger;
  /** The URL where the console can operate a simulated phone. */
  readonly phoneUrl?: string;
  /** The folder that the console was built into. */
  readonly consoleFolder?: string;
  /** Middleware that gets requests before their handlers do, and may send responses that no handler could. */
  readonly intercept?: RequestHandler;
  /** The clock by which responses of requests with an `Idempotency-Key` are kept, in milliseconds since the epoch. */
  readonly now?: () => number;
  /** When validators are compiled before a request needs them. */
  readonly preparation?: PreparationOptions;
}

/**
 * Wires a server together; several can live in one process. Opens the database, but listens to nothing yet.
 * @throws ContractDrift when handlers, roles or failures differ from the contract
 * @throws SecretKeyError when the keys that encrypt credentials cannot be used, or a key is missing, including a key of another
 * server
 * @throws ConfigError when other machines could reach the server, and its only token was printed
 */
export async function composeServer(config: Config, overrides: Overrides = {}): Promise<Server> {
  const contract = overrides.contract ?? wutsContract;
  const allHandlers = { ...handlers, ...overrides.handlers };
  assertContractMatches(contract, allHandlers);
  const log = overrides.log ?? createLog(config.logLevel, contract.secretFields);
  const keyRing = openKeyRing(config.dataDir, config.secretKeys);
  const onIdleError = (error: Error) => {
    log.warn({ err: error }, "a connection to the database broke");
  };
  const database = await openDatabase(config, keyRing, onIdleError);
  const urgent = await openUrgently(config, database, onIdleError);
  const serverId = takeServerId(config.dataDir);
  const presence = new Presence(serverRepository(urgent, serverId, keyRing), config.leaseMs, log);
  const leave = async () => {
    await presence.stop();
    await urgent.destroy();
    await database.destroy();
    serverId.release();
  };
  const firstAdmin = await enter(presence, () => bootstrap(config, database), leave);
  if (serverId.isSecond) log.warn({ data_dir: config.dataDir }, "another server runs on this data folder");
  const limits = new RateLimits(config.rateLimits);
  const metrics = new Metrics(contract.operations);
  const tracing = await startTracing(process.env, contract.operations, log);
  const events = tracing ? combineObservers(metrics, tracing) : metrics;
  const pictureFiles = new PictureFiles(
    join(config.dataDir, "pictures"),
    // An embedded database belongs to the folder.
    pictureFileRepository(database, config.databaseUrl === undefined ? "" : folderIdOf(config.dataDir)),
    config.pictures.cacheBytes,
  );
  const elsewhere = new ChangesElsewhere(urgent);
  const devices = new DeviceRegistry<DeviceServices>({
    database,
    compose: composeDeviceFrom({
      database,
      keyRing,
      files: pictureFiles,
      options: {
        whatsapp: config.whatsapp,
        reconnect: { ...config.reconnect, stableMs: 60_000 },
        events,
        reconnectWaitMs: config.reconnectWaitMs,
        queries: { concurrency: config.deviceConcurrency, maxWaiting: config.deviceQueue },
        pictures: config.pictures,
        pictureCacheSeconds: config.pictures.cacheSeconds,
        pictureQueriesPerMinute: config.pictures.queriesPerMinute,
        numberChecksPerMinute: config.numberChecksPerMinute,
        contactsPerDevice: config.contactsPerDevice,
        pictureCropper: new PictureCropper(config.pictureLimitBytes),
        maxPictureBytes: config.pictures.maxBytes,
      },
      log,
    }),
    modules: [pictureServerModule(database, pictureFiles, config.pictures.cacheSeconds, log)],
    options: {
      serverId,
      urgent,
      elsewhere,
      leaseMs: config.leaseMs,
      restoreConcurrency: config.restoreConcurrency,
      maxDevices: config.quotas.devices,
      countRequest: (caller, deviceId) => limits.countDevice(caller, deviceId),
    },
    log,
  });
  const pairings = new PairingQuotas(config.quotas);
  const quotas = new Quotas(config.quotas, database, {
    countDevices: (tenantId) => deviceRepository(database).countInTenant(tenantId),
    pairings: (tenantId) => pairings.used(tenantId),
  });
  const tokens = new TokenCache(tokenRepository(database), elsewhere, log);
  const accountTokens = new Tokens(database, tokens, quotas);
  const followedTokens = new FollowedTokens(tokens, log);
  const audit = new AuditTrail(database, log, { retentionDays: config.auditRetentionDays });
  const security = new SecurityEvents(database, log);
  const idempotency = new Idempotency({
    database,
    keyRing,
    serverId: serverId.id,
    log,
    ...(overrides.now && { now: overrides.now }),
  });
  const isStorageUsable = probeOf(urgent, serverId.id, readinessTimeoutMs);
  let draining = false;
  const readiness: Readiness = {
    async check() {
      if (draining) throw new Failure("ServerNotReady");
      if (!(await isStorageUsable()))
        throw new Failure("ServerNotReady", { message: "the database does not answer, or has no room" });
      return { restoring: devices.isRestoring };
    },
  };
  const underWay = {
    requests: new Shares({ what: "requests under way", ...config.requestsUnderWay }),
    bodyBytes: new Shares({ what: "bytes of bodies under way", ...config.bodyBytesUnderWay }),
  };
  const app = createApp({
    contract,
    tokens,
    followToken: (caller, end) => followedTokens.follow(caller, end),
    idempotency,
    masterToken: config.masterToken,
    metricsAccess: metricsAccess(config),
    limits,
    security,
    services: {
      contract,
      devices,
      sessions: new SessionService(devices, database, pairings),
      users: new Users({ database, devices, tokens, quotas }),
      tokens: accountTokens,
      tenants: new Tenants({ database, devices, tokens, log }),
      audit,
      readiness,
      metrics,
    },
    handlers: allHandlers,
    requests: underWay.requests,
    bodies: {
      limitOf: (operation) => bodyLimitOf(config, operation),
      shares: underWay.bodyBytes,
      requireDevice: (caller, deviceId) => devices.require(caller, deviceId),
    },
    corsOrigins: config.corsOrigins,
    trustProxy: config.trustProxy,
    responseViolations: config.responseViolations,
    log,
    events,
    phoneUrl: overrides.phoneUrl,
    consoleFolder: overrides.consoleFolder,
    intercept: overrides.intercept,
  });
  const http = createHttpServer(app, config);
  const preparation = new Preparation(contract, overrides.preparation);
  return {
    firstAdmin,
    prepared: preparation.ended,
    async createFirstSignInCode() {
      const holder = firstAdmin.token && (await tokens.authenticate(firstAdmin.token));
      if (!holder) return undefined;
      const caller = { ...holder, kind: "user", requestId: randomUUID() } as const;
      const { code } = await accountTokens.createSignInCode(
        caller,
        holder.userId,
        { expires_in: 86_400 },
        keepNothing,
      );
      return code;
    },
    async listen() {
      const url = await http.listen(config.host, config.port);
      log.info({ url }, "listening");
      audit.start();
      idempotency.start();
      metrics.start(devices, underWay);
      const restored = devices.restore().catch((error: unknown) => {
        log.error({ err: error }, "devices could not be restored");
      });
      preparation.start(restored);
      return url;
    },
    async stop() {
      draining = true;
      await preparation.stop();
      devices.rejectWaiters();
      await http.drain(config.shutdownTimeoutMs);
      await devices.stop();
      await audit.stop();
      await idempotency.stop();
      await security.stop();
      metrics.stop();
      await tracing?.stop();
      await leave();
      log.info("stopped");
    },
  };
}

/** Runs work as one of the servers on the database. Closes what is open if the work, or the start, is refused. */
async function enter<Result>(
  presence: Presence,
  work: () => Promise<Result>,
  leave: () => Promise<void>,
): Promise<Result> {
  try {
    await presence.start();
    return await work();
  } catch (error) {
    await leave();
    throw error;
  }
}

/** How long the database may take to respond before the server reports that it is not ready. */
const readinessTimeoutMs = 3_000;
