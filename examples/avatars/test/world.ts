import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createWuts, type Wuts } from "@wuts/client";
import { addSeedAccounts, owner } from "@wuts/sandbox";
import { type Ended, startServerProcess, temporaryFolder } from "@wuts/server/test-support/server-process";
import { type Simulator, type SimulatorEventMap, startSimulator } from "@wuts/whatsapp-simulator";
import type { TestContext } from "vitest";

const script = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** A simulator with the sandbox's accounts, and a server in a process that can be killed. */
export interface World {
  readonly simulator: Simulator;
  readonly wuts: Wuts;
  /** Runs the script. @returns its exit code and output */
  run(...args: readonly string[]): Promise<Ended>;
  /** Kills the server, and starts another on the same data. */
  killServer(): Promise<void>;
  /** Changes an account's picture, and waits until the server has acknowledged WhatsApp's notification. */
  change(phone: string, id: string | undefined): Promise<void>;
}

/** @param settings additional settings of the server */
export async function startWorld(t: TestContext, settings: Record<string, string> = {}): Promise<World> {
  const simulator = await startSimulator();
  t.onTestFinished(() => simulator.stop());
  addSeedAccounts(simulator);
  const token = randomUUID();
  const start = (dataDir: string) =>
    startServerProcess(t, {
      WUTS_PORT: "0",
      WUTS_DATA_DIR: dataDir,
      WUTS_BOOTSTRAP_TOKEN: token,
      WUTS_WHATSAPP_URL: simulator.url,
      WUTS_LOG_LEVEL: "error",
      WUTS_RECONNECT_MIN_MS: "50",
      WUTS_RECONNECT_MAX_MS: "200",
      WUTS_WHATSAPP_TIMEOUT_MS: "3000",
      WUTS_RATE_LIMIT_TOKEN: "0",
      WUTS_RATE_LIMIT_USER: "0",
      WUTS_RATE_LIMIT_TENANT: "0",
      WUTS_RATE_LIMIT_DEVICE: "0",
      WUTS_PICTURE_PACE_PER_MINUTE: "60000",
      ...settings,
    });
  const dataDir = join(await temporaryFolder(t), "data");
  let server = start(dataDir);
  const url = await startProxy(t, () => server.listening);
  const wuts = createWuts({ baseUrl: url, token });
  await pair(wuts, simulator);
  return {
    simulator,
    wuts,
    run: (...args) => runScript(t, { WUTS_BASE_URL: url, WUTS_TOKEN: token }, args),
    async killServer() {
      const killed = server;
      server = start(dataDir);
      await killed.end("SIGKILL");
    },
    async change(phone, id) {
      const account = simulator.account(phone);
      const heard = stanza(simulator, ({ tag, attrs }) => tag === "ack" && attrs.to === account.jid);
      account.setPicture(id === undefined ? null : { id });
      await heard;
    },
  };
}

/** Runs the script with only these variables. @returns its exit code and output */
export function runScript(
  t: TestContext,
  environment: Record<string, string>,
  args: readonly string[],
): Promise<Ended> {
  return startServerProcess(t, environment, [script, ...args]).ended;
}

/** Resolves when a device has sent such a stanza. */
function stanza(
  { events }: Simulator,
  matches: (stanza: SimulatorEventMap["stanza"][0]["stanza"]) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    const look = (event: SimulatorEventMap["stanza"][0]) => {
      if (!matches(event.stanza)) return;
      events.off("stanza", look);
      resolve();
    };
    events.on("stanza", look);
  });
}

/** A TCP proxy to the current server, so that a new server needs not use the port of the killed one. */
async function startProxy(t: TestContext, listening: () => Promise<string>): Promise<string> {
  const proxy = createServer(async (client) => {
    client.on("error", () => undefined);
    const url = await listening().catch(() => undefined);
    if (url === undefined) {
      client.destroy();
      return;
    }
    const { hostname, port } = new URL(url);
    const server = connect(Number(port), hostname);
    server.on("error", () => client.destroy());
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    client.pipe(server).pipe(client);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.onTestFinished(() => void proxy.close());
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return `http://127.0.0.1:${address.port}`;
}

/** Pairs a device by QR code, as a user does. */
async function pair(wuts: Wuts, simulator: Simulator): Promise<void> {
  const { device_id, qr_code } = await wuts.session.generateQrCode();
  const login = once(simulator.events, "login");
  await simulator.account(owner.phone).scanQr(qr_code);
  await login;
  await wuts.session.connect({ device_id });
}
