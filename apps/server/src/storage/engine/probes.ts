import { setTimeout } from "node:timers/promises";
import type { Database } from "./database.ts";

/**
 * Makes a write probe: a database that is full or read-only still answers reads. The result is cached for one second.
 * @param withinMs how long the database may take
 * @returns the probe, which resolves to whether the database accepts writes
 */
export function probeOf(database: Database, serverId: string, withinMs: number): () => Promise<boolean> {
  let last: { readonly at: number; readonly isUsable: Promise<boolean> } | undefined;
  return () => {
    const now = performance.now();
    if (!last || now - last.at >= rememberedMs) {
      const written = write(database, serverId).then(
        () => true,
        () => false,
      );
      last = { at: now, isUsable: withinTime(written, withinMs) };
    }
    return last.isUsable;
  };
}

const rememberedMs = 1_000;

async function write(database: Database, serverId: string): Promise<void> {
  const written_at = new Date().toISOString();
  await database
    .insertInto("probes")
    .values({ server_id: serverId, written_at })
    .onConflict((conflict) => conflict.column("server_id").doUpdateSet({ written_at }))
    .execute();
}

async function withinTime(work: Promise<boolean>, ms: number): Promise<boolean> {
  const done = new AbortController();
  const tooLate = setTimeout(ms, false, { signal: done.signal }).catch(() => false);
  return Promise.race([work, tooLate]).finally(() => done.abort());
}
