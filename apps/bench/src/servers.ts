import { randomUUID } from "node:crypto";
import { createWuts, type Wuts } from "@wuts/client";
import { owner } from "./accounts.ts";
import type { Variant } from "./load.ts";
import type { Child } from "./processes/child.ts";
import type { Processes } from "./processes/processes.ts";

/** The simulated WhatsApp. */
export interface Simulator {
  readonly child: Child;
  /** Of its WebSocket. */
  readonly url: string;
}

export async function startSimulator(processes: Processes, ...args: readonly string[]): Promise<Simulator> {
  const child = processes.start("simulator", ...args);
  return { child, url: await child.hear("url") };
}

/** Our server, with a device that is paired. */
export interface OurServer {
  readonly child: Child;
  readonly variant: Variant;
  readonly wuts: Wuts;
  readonly deviceId: string;
  readonly dataDir: string;
  readonly token: string;
}

/** @param settings besides those that every server of the benchmark has, as `NAME=value` */
export async function startOurServer(
  processes: Processes,
  simulator: Simulator,
  signal: AbortSignal,
  { phone = owner, settings = [] }: { phone?: string; settings?: readonly string[] } = {},
): Promise<OurServer> {
  const [token, dataDir] = [randomUUID(), await processes.folder()];
  const child = processes.start("our-server", simulator.url, dataDir, token, ...settings);
  const url = await child.hear("url");
  const wuts = createWuts({ baseUrl: url, token, timeoutMs: 30_000 });
  const { qr_code, device_id } = await wuts.session.generateQrCode({}, { signal });
  await simulator.child.ask("scan", `${phone} ${qr_code}`);
  const { paired } = await wuts.session.connect({ device_id }, { signal });
  if (!paired) throw new Error("our server is not paired");
  return { child, variant: variantOf(url, token), wuts, deviceId: device_id, dataDir, token };
}

/** How our server is asked for a picture. */
export function variantOf(url: string, token: string): Variant {
  return {
    name: "our server",
    url,
    path: "/contacts/profile-picture?number=",
    headers: { Authorization: `Bearer ${token}` },
    pictureUrl: (answer: unknown) => field(field(answer, "data"), "url"),
  };
}

/** A server as one would write it by hand, paired. */
export async function startByHand(processes: Processes, simulator: Simulator) {
  const child = processes.start("by-hand", simulator.url);
  await simulator.child.ask("scan", `${owner} ${await child.hear("qr")}`);
  return { child, variant: byHandVariant(await child.hear("url")) };
}

/** How a server by hand is asked for a picture. */
export function byHandVariant(url: string): Variant {
  return {
    name: "by hand",
    url,
    path: "/picture?number=",
    headers: {},
    pictureUrl: (answer: unknown) => field(answer, "url"),
  };
}

export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
