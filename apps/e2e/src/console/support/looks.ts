import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import type { Page } from "./console.ts";

/** What axe, and a look at the width, find fault with. Nothing, for a page that is as it should be. */
export async function assertFlawless(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const { violations }: axe.AxeResults = await page.evaluate("axe.run()");
  const faults = violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }));
  assert.deepEqual(faults, []);
  const overflow = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  assert.equal(overflow, 0, "the page is wider than the window");
}

/** What was already to be seen and has moved by itself since the page was opened. */
export async function layoutShifts(page: Page): Promise<readonly unknown[]> {
  // What was buffered is told in the next turn; two frames later nothing of it is missing.
  return page.evaluate(`new Promise((resolve) => {
    const moved = [];
    new PerformanceObserver((list) => {
      for (const { hadRecentInput, sources } of list.getEntries()) {
        if (hadRecentInput) continue;
        for (const { node, previousRect, currentRect } of sources)
          moved.push({ what: node?.outerHTML ?? node?.textContent, from: previousRect, to: currentRect });
      }
    }).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(moved)));
  })`);
}

/** Keeps a picture of the page, for people to look at. @param whole or what is in the window only */
export async function keepScreenshot(page: Page, name: string, whole = true): Promise<void> {
  const path = fileURLToPath(new URL(`../../../reports/${name}.png`, import.meta.url));
  await page.screenshot({ path, fullPage: whole });
}
