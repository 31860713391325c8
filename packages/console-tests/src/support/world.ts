import { type Browser, startBrowser } from "@wuts/server/test-support/browser";
import { afterAll, beforeAll } from "vitest";
import type { Place } from "./places.ts";

/** A browser, and a server that has the console. */
export interface World<Where extends Place> {
  readonly browser: Browser;
  readonly place: Where;
}

/**
 * Starts a browser and a server before the tests of the suite that calls it, and stops them behind the last one.
 * @returns what gives both, in hooks that come after this call, and in tests
 */
export function startedWorld<Where extends Place>(start: () => Promise<Where>): () => World<Where> {
  let browser: Browser | undefined;
  let place: Where | undefined;
  beforeAll(async () => {
    browser = await startBrowser();
    place = await start();
  });
  afterAll(async () => {
    await browser?.close();
    await place?.stop();
  });
  return () => {
    if (!browser || !place) throw new Error("the suite has not begun");
    return { browser, place };
  };
}
