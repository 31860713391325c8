import type { EventEmitter } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { SimulatorEventMap, SimulatorEvents } from "@wuts/whatsapp-simulator";

/** Bounds failure only: nothing waits this long unless it is broken. */
const limitMs = 50_000;

/** Waits for the next event of a kind that matches. */
export function nextEvent<Name extends keyof SimulatorEventMap>(
  events: SimulatorEvents,
  name: Name,
  matches: (event: SimulatorEventMap[Name][0]) => boolean = () => true,
): Promise<SimulatorEventMap[Name][0]> {
  return new Promise((resolve, reject) => {
    const emitter: EventEmitter = events;
    const listener = (event: SimulatorEventMap[Name][0]) => {
      if (matches(event)) finish(() => resolve(event));
    };
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      emitter.off(name, listener);
      settle();
    };
    const timer = setTimeout(() => finish(() => reject(new Error(`no "${name}" came`))), limitMs);
    emitter.on(name, listener);
  });
}

/** Looks again and again until something is found. @param look what it found, and what it saw, for the failure */
export async function until<Found>(
  what: string,
  look: () => Promise<{ readonly found: Found | undefined; readonly seen: unknown }>,
): Promise<Found> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const { found, seen } = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited for ${what}, but saw ${JSON.stringify(seen)}`);
    // A look that never leaves this turn of the loop would keep what is looked for from happening.
    await setImmediate();
  }
}
