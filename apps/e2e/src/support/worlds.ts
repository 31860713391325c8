import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createWuts } from "@wuts/client";
import { operations } from "@wuts/contract";
import {
  pairingsOfFull,
  requestsOfLimited,
  roomOfCrowded,
  type World,
  type WorldName,
} from "@wuts/contract-cases";
import { startSandbox } from "@wuts/sandbox";
import { composeServer, type Overrides } from "@wuts/server/compose";
import { readConfig } from "@wuts/server/config";
import { handlers } from "@wuts/server/handlers";
import { namingUnavailable } from "@wuts/server/unavailable";
import { accounts } from "./accounts.ts";

/** Where requests are sent to. */
export interface Place {
  readonly url: string;
  /** Of an admin. */
  readonly token: string;
  /** Of the server itself; unknown to it where it has none. */
  readonly masterToken: string;
  /** Of the server itself, for its metrics; unknown to it where it has none. */
  readonly metricsToken: string;
  /** What can be arranged; `undefined` where nothing can. */
  readonly world: World | undefined;
  stop(): Promise<void>;
}

/** Which tokens a place has. */
export type TokenOfPlace = "token" | "masterToken" | "metricsToken";

/** Starts a place of its own, which nothing else uses. */
const worlds = {
  impatient: () =>
    start({
      WUTS_WHATSAPP_TIMEOUT_MS: "3000",
      WUTS_CONNECT_TIMEOUT_MS: "12000",
    }),

  occupied: () =>
    start({
      WUTS_WHATSAPP_TIMEOUT_MS: "60000",
      WUTS_DEVICE_CONCURRENCY: "1",
      WUTS_DEVICE_QUEUE: "0",
    }),

  usual: () => start({ WUTS_RECONNECT_MIN_MS: "60000", WUTS_RECONNECT_MAX_MS: "60000" }),

  empty: async () => {
    const place = await start({});
    await place.world.wuts.devices.delete({ device_id: place.world.deviceId });
    return place;
  },

  closing: () => start({}),

  failing: startFailing,

  storageless: startStorageless,

  holding: () => start({}, { handlers: holdingHandlers() }),

  crowded: () => start({ WUTS_MAX_REQUESTS: `${roomOfCrowded}` }),

  masterless: startMasterless,

  limited: () =>
    start({
      WUTS_RATE_LIMIT_TOKEN: `${requestsOfLimited}`,
      WUTS_RATE_LIMIT_ADDRESS: `${requestsOfLimited}`,
      WUTS_RATE_LIMIT_FAILED_AUTH: `${requestsOfLimited}`,
    }),

  full: () =>
    start({
      WUTS_MAX_TOKENS: "3",
      WUTS_MAX_USERS: "2",
      WUTS_MAX_DEVICES: "3",
      WUTS_MAX_PAIRINGS: "1",
      WUTS_PAIRINGS_PER_HOUR: `${pairingsOfFull}`,
      WUTS_PAIRING_PHONES_PER_HOUR: "1",
    }),

  /** Short deadlines, and no number for which the sandbox has a bug. */
  fuzzed: () =>
    start(
      {
        WUTS_WHATSAPP_TIMEOUT_MS: "1000",
        WUTS_CONNECT_TIMEOUT_MS: "12000",
        // The device may have been given any pace.
        WUTS_PICTURES_TIMEOUT_MS: "1000",
      },
      { handlers },
    ),
} satisfies Record<WorldName | "fuzzed", () => Promise<Place>>;

/** Starts a place as `usual`, but with limits that no test reaches, and with something of the server's overridden. */
export function startOverridden(overrides: Overrides): Promise<Place & { readonly world: World }> {
  const most = "1000000";
  return start(
    {
      WUTS_RATE_LIMIT_TOKEN: most,
      WUTS_RATE_LIMIT_DEVICE: most,
      // What is stored is compared, so nothing changes it but requests: no lease is renewed, and no connection probed.
      WUTS_LEASE_MS: "600000",
      WUTS_PROBE_INTERVAL_MS: "3600000",
    },
    overrides,
  );
}

/** For a place that takes any token. */
export function someTokens(): Pick<Place, TokenOfPlace> {
  return { token: randomUUID(), masterToken: randomUUID(), metricsToken: randomUUID() };
}

export function startWorld(name: keyof typeof worlds): Promise<Place> {
  return worlds[name]();
}

/** A short form of 127.0.0.1 that only the system understands: to the server, a name that may be anywhere. */
const unrecognized = { WUTS_HOST: "127.1", WUTS_METRICS_TOKEN: "" };

const environment = {
  WUTS_PICTURE_PACE_PER_MINUTE: "60000",
  WUTS_PORT: "0",
  WUTS_LOG_LEVEL: "silent",
  WUTS_METRICS_TOKEN: randomUUID(),
  WUTS_RATE_LIMIT_TOKEN: "0",
  WUTS_RATE_LIMIT_USER: "0",
  WUTS_RATE_LIMIT_TENANT: "0",
  WUTS_RATE_LIMIT_DEVICE: "0",
  WUTS_RATE_LIMIT_ADDRESS: "0",
  WUTS_RATE_LIMIT_FAILED_AUTH: "0",
  WUTS_NUMBER_CHECKS_PER_MINUTE: "0",
  WUTS_PICTURE_QUERIES_PER_MINUTE: "0",
  WUTS_PAIRINGS_PER_HOUR: "0",
  WUTS_PAIRING_PHONES_PER_HOUR: "0",
};

async function start(
  settings: Record<string, string>,
  overrides: Overrides = {},
): Promise<Place & { readonly world: World }> {
  const { folder, remove } = await makeFolder();
  let stop = remove;
  try {
    const sandbox = await startSandbox({ ...environment, ...settings, WUTS_DATA_DIR: folder }, overrides);
    stop = async () => {
      await sandbox.stop();
      await remove();
    };
    const me = await sandbox.wuts.users.getMe();
    const { url, token, masterToken } = sandbox;
    const metricsToken = environment.WUTS_METRICS_TOKEN;
    const world = { ...sandbox, accounts, metricsToken, databaseFile: join(folder, "wuts.sqlite"), me };
    return { url, token, masterToken, metricsToken, world, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What the id of a request begins with that is held in the world `holding`. */
export const heldPrefix = "held-";

function holdingHandlers(): NonNullable<Overrides["handlers"]> {
  const holding = operations.map(({ operationId }) => {
    const hold = async (
      input: { readonly requestId: string; readonly signal: AbortSignal },
      services: unknown,
    ) => {
      if (input.requestId.startsWith(heldPrefix)) {
        if (!input.signal.aborted) await once(input.signal, "abort");
        input.signal.throwIfAborted();
      }
      return Reflect.apply(handlers[operationId], undefined, [input, services]);
    };
    return [operationId, hold] as const;
  });
  return Object.fromEntries(holding);
}

/** Without a WhatsApp: pairing a device takes handlers that work. */
function startFailing(): Promise<Place> {
  const fail = () => {
    throw new Error("a bug of ours");
  };
  const failing = Object.fromEntries(operations.map(({ operationId }) => [operationId, fail]));
  return startWithUnlinkedDevice({ handlers: failing });
}

/** As it is when another process never gives its lock of an SQLite file back. */
async function startStorageless(): Promise<Place> {
  const { folder, remove } = await makeFolder();
  const [holder, reader] = [0, 1].map(() => new DatabaseSync(join(folder, "locked.sqlite"), { timeout: 0 }));
  holder?.exec("begin exclusive");
  const read = () => namingUnavailable(async () => reader?.exec("select * from sqlite_schema"));
  const unreadable = Object.fromEntries(operations.map(({ operationId }) => [operationId, read]));
  const place = await startWithUnlinkedDevice({ handlers: unreadable });
  return {
    ...place,
    async stop() {
      await place.stop();
      reader?.close();
      holder?.close();
      await remove();
    },
  };
}

/** A device that is there, since a caller without one is refused before a handler runs; it is made with handlers that work. */
async function startWithUnlinkedDevice(overrides: Overrides): Promise<Place> {
  const { folder, remove } = await makeFolder();
  const settings = { WUTS_MASTER_TOKEN: randomUUID() };
  const first = await startServer(folder, settings, {});
  await createWuts({ baseUrl: first.url, token: first.token }).devices.create({ name: "The only one" });
  await first.stop();
  const server = await startServer(folder, settings, overrides);
  return { ...server, token: first.token, world: undefined, stop: () => server.stop().then(remove) };
}

async function startMasterless(): Promise<Place> {
  const { folder, remove } = await makeFolder();
  const server = await startServer(folder, { ...unrecognized, WUTS_BOOTSTRAP_TOKEN: randomUUID() }, {});
  return { ...server, world: undefined, stop: () => server.stop().then(remove) };
}

/** Starts a server that is given no WhatsApp, with its data in the folder. */
export async function startServer(
  folder: string,
  settings: Record<string, string>,
  overrides: Overrides,
): Promise<Omit<Place, "world">> {
  const config = readConfig({ ...environment, ...settings, WUTS_DATA_DIR: folder });
  const server = await composeServer(config, overrides);
  return {
    url: await server.listen(),
    token: server.firstAdmin.token ?? "",
    masterToken: config.masterToken ?? randomUUID(),
    metricsToken: config.metricsToken ?? randomUUID(),
    stop: () => server.stop(),
  };
}

/** Makes a temporary folder, and says how to remove it. */
export async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), "wuts-contract-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
