import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWuts } from "@wuts/client";
import { Child } from "./child.ts";
import type { Variant } from "./load.ts";

/** What is compared, in the order of measuring; `byHand` is what the others are compared with. */
export const variantKeys = ["ours", "byHand", "bareQuery"] as const;

export type VariantKey = (typeof variantKeys)[number];

/** The servers, on one simulated WhatsApp, paired and connected. */
export interface Servers {
  readonly variants: Readonly<Record<VariantKey, Variant>>;
  /** @returns how many picture queries have reached the simulated WhatsApp so far */
  countPictureQueries(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts the simulator, our server and the one written by hand, each in a process of its own, and pairs them.
 * @param signal ends every wait for them
 */
export async function startServers(signal: AbortSignal): Promise<Servers> {
  const dataDir = await mkdtemp(join(tmpdir(), "wuts-bench-"));
  const children: Child[] = [];
  const start = (name: string, ...args: string[]) => {
    const child = new Child(name, args, signal);
    children.push(child);
    return child;
  };
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const simulator = start("simulator");
    const whatsapp = await simulator.hear("url");
    const ours = await pairOurs(start, simulator, whatsapp, dataDir, signal);
    const byHand = await pairByHand(start("by-hand", whatsapp), simulator);
    const variants = {
      ours,
      byHand: { ...byHand, name: "by hand", path: "/picture?number=" },
      bareQuery: { ...byHand, name: "bare sock.query", path: "/query?number=" },
    };
    return {
      variants,
      stop,
      countPictureQueries: async () => Number(await simulator.ask("picture queries")),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function pairOurs(
  start: (name: string, ...args: string[]) => Child,
  simulator: Child,
  whatsapp: string,
  dataDir: string,
  signal: AbortSignal,
): Promise<Variant> {
  const token = randomUUID();
  const url = await start("our-server", whatsapp, dataDir, token).hear("url");
  const { session } = createWuts({ baseUrl: url, token, timeoutMs: 30_000 });
  const { qr_code, device_id } = await session.generateQrCode({}, { signal });
  await simulator.ask("scan", qr_code);
  const { needs_qr } = await session.connect({ device_id }, { signal });
  if (needs_qr) throw new Error("our server is not paired");
  return {
    name: "our server",
    url,
    path: "/contacts/profile-picture?number=",
    headers: { Authorization: `Bearer ${token}` },
    pictureUrl: (answer) => field(field(answer, "data"), "url"),
  };
}

async function pairByHand(byHand: Child, simulator: Child) {
  await simulator.ask("scan", await byHand.hear("qr"));
  const url = await byHand.hear("url");
  return { url, headers: {}, pictureUrl: (answer: unknown) => field(answer, "url") };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
