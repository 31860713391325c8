import assert from "node:assert/strict";
import { type Browser, describeInBrowser, startBrowser } from "@wuts/server/test-support/browser";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { ConsoleVisit, Page } from "./console.ts";
import type { Place } from "./places.ts";

/** A browser, and a server that has the console. To be read in hooks and tests, not while they are described. */
export interface World<Where extends Place> {
  readonly browser: Browser;
  readonly place: Where;
}

/** A world in which the console is open. */
export interface OpenedWorld<Where extends Place> extends World<Where> {
  readonly visited: ConsoleVisit;
  readonly page: Page;
}

/** `describe` for tests that share a browser and a server, which stop behind the last one. */
export function describeInWorld<Where extends Place>(
  title: string,
  start: () => Promise<Where>,
  suite: (world: World<Where>) => void,
): void {
  describeInBrowser(title, () => {
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
    suite({
      get browser() {
        return begun(browser);
      },
      get place() {
        return begun(place);
      },
    });
  });
}

/** As `describeInWorld`, with the console opened for each test. Nothing may be left on its log of errors and warnings. */
export function describeConsole<Where extends Place>(
  title: string,
  start: () => Promise<Where>,
  open: (browser: Browser, place: Place) => Promise<ConsoleVisit>,
  suite: (here: OpenedWorld<Where>) => void,
): void {
  describeInWorld(title, start, (world) => {
    let visited: ConsoleVisit | undefined;
    beforeEach(async () => {
      visited = await open(world.browser, world.place);
    });
    afterEach(async () => {
      const complaints = visited?.complaints();
      await visited?.close();
      visited = undefined;
      assert.deepEqual(complaints, []);
    });
    suite({
      get browser() {
        return world.browser;
      },
      get place() {
        return world.place;
      },
      get visited() {
        return begun(visited);
      },
      get page() {
        return begun(visited).page;
      },
    });
  });
}

function begun<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error("the tests have not begun");
  return thing;
}
