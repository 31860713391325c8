import { setTimeout } from "node:timers/promises";
import { afterAll } from "vitest";

/** What may still be on its way to its end: sockets that close, processes that were killed, short timers. */
const limitMs = 10_000;

const before = openHandles();

/**
 * Fails a file whose tests leave something behind that would keep the process from ending: a server, a socket, a timer, a
 * child. It is registered first, so it runs when all else of the file has ended.
 */
afterAll(async () => {
  const deadline = performance.now() + limitMs;
  let left = leftBehind();
  for (let waitMs = 1; left.length > 0 && performance.now() < deadline; waitMs = Math.min(2 * waitMs, 100)) {
    await setTimeout(waitMs);
    left = leftBehind();
  }
  if (left.length > 0)
    throw new Error(
      `left open: ${left.join(", ")}. Run \`npx vitest run --detect-async-leaks\` on this file`,
    );
}, limitMs + 10_000);

function leftBehind(): string[] {
  const counted = openHandles();
  return [...counted].flatMap(([kind, count]) => {
    const more = count - (before.get(kind) ?? 0);
    return more > 0 ? [`${more} ${kind}`] : [];
  });
}

/** What keeps the process from ending now, by kind. */
function openHandles(): Map<string, number> {
  const counts = new Map<string, number>();
  // Node counts a delay histogram only while it is not enabled, and then it keeps nothing from ending.
  const kinds = process.getActiveResourcesInfo().filter((kind) => kind !== "IntervalHistogram");
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
