import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { operations } from "@wuts/contract";
import { type Sandbox, startSandbox } from "@wuts/sandbox";
import { composeServer, type Overrides } from "@wuts/server/compose";
import { readConfig } from "@wuts/server/config";
import { handlers } from "@wuts/server/handlers";

/** A real server on a simulated WhatsApp. */
export interface World extends Sandbox {
  readonly databaseFile: string;
}

/** Where requests are sent to. */
export interface Place {
  readonly url: string;
  readonly token: string;
  /** What can be arranged; `undefined` where nothing can. */
  readonly world: World | undefined;
  stop(): Promise<void>;
}

/** Starts a place of its own, which nobody else uses. */
const worlds = {
  /** Short deadlines, and room for one query only. Mostly waits, so it comes first. */
  impatient: () =>
    start({
      WUTS_WHATSAPP_TIMEOUT_MS: "2000",
      WUTS_CONNECT_TIMEOUT_MS: "3000",
      WUTS_DEVICE_CONCURRENCY: "1",
      WUTS_DEVICE_QUEUE: "0",
    }),

  /** One device, paired and connected. A lost connection stays lost until somebody connects. */
  usual: () => start({ WUTS_RECONNECT_MIN_MS: "60000", WUTS_RECONNECT_MAX_MS: "60000" }),

  /** A caller who has no device. */
  empty: async () => {
    const place = await start({});
    await place.world.wuts.devices.delete({ device_id: place.world.deviceId });
    return place;
  },

  /** As `usual`; the one case in it stops it. */
  closing: () => start({}),

  /** Every handler has a bug. */
  failing: startFailing,

  /** Short deadlines, and no number for which the sandbox has a bug. */
  fuzzed: () => start({ WUTS_WHATSAPP_TIMEOUT_MS: "1000", WUTS_CONNECT_TIMEOUT_MS: "3000" }, { handlers }),
} satisfies Record<string, () => Promise<Place>>;

export type WorldName = keyof typeof worlds;

export const worldNames: readonly WorldName[] = ["impatient", "usual", "empty", "closing", "failing"];

export function startWorld(name: WorldName): Promise<Place> {
  return worlds[name]();
}

const environment = { WUTS_PORT: "0", WUTS_LOG_LEVEL: "silent" };

async function start(
  settings: Record<string, string>,
  overrides: Overrides = {},
): Promise<Place & { readonly world: World }> {
  const { folder, remove } = await makeFolder();
  const sandbox = await startSandbox({ ...environment, ...settings, WUTS_DATA_DIR: folder }, overrides).catch(
    async (error: unknown) => {
      await remove();
      throw error;
    },
  );
  return {
    url: sandbox.url,
    token: sandbox.token,
    world: { ...sandbox, databaseFile: join(folder, "wuts.sqlite") },
    async stop() {
      await sandbox.stop();
      await remove();
    },
  };
}

/** Without a WhatsApp: pairing a device takes handlers that work. */
async function startFailing(): Promise<Place> {
  const { folder, remove } = await makeFolder();
  const fail = () => {
    throw new Error("a bug of ours");
  };
  const failing = Object.fromEntries(operations.map(({ operationId }) => [operationId, fail]));
  const server = await startServer(folder, {}, { handlers: failing });
  return {
    ...server,
    world: undefined,
    async stop() {
      await server.stop();
      await remove();
    },
  };
}

/** Starts a server that is given no WhatsApp, with its data in the folder. */
export async function startServer(
  folder: string,
  settings: Record<string, string>,
  overrides: Overrides,
): Promise<Omit<Place, "world">> {
  const config = readConfig({ ...environment, ...settings, WUTS_DATA_DIR: folder });
  const server = await composeServer(config, overrides);
  return { url: await server.listen(), token: server.bootstrapToken ?? "", stop: () => server.stop() };
}

/** Makes a temporary folder, and says how to remove it. */
export async function makeFolder() {
  const folder = await mkdtemp(join(tmpdir(), "wuts-contract-"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
