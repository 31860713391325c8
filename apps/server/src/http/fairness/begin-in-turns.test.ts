import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import type { Request, Response } from "express";
import { describe, it } from "vitest";
import { beginInTurns } from "./begin-in-turns.ts";

/** Sends requests that come at once, each from an address. @returns in which order they are begun, when all are */
async function orderOf(most: number, addresses: readonly string[]): Promise<readonly string[]> {
  const begin = beginInTurns(most);
  const asking = new AsyncLocalStorage<string>();
  const begun: string[] = [];
  const all = addresses.map((ip, index) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const next = () => {
      begun.push(asking.getStore() ?? "nobody");
      resolve();
    };
    asking.run(`${ip} ${index}`, () => void begin({ ip } as Request, {} as Response, next));
    return promise;
  });
  // Those that may be begun wait for nothing.
  assert.equal(begun.length, Math.min(most, addresses.length));
  await Promise.all(all);
  return begun;
}

describe("Requests that come at once", () => {
  const [ana, bia, carla] = ["203.0.113.1", "203.0.113.2", "203.0.113.3"];

  it("are begun in the order that they come in, when they are few", async () => {
    assert.deepEqual(await orderOf(8, [ana, ana, bia]), [`${ana} 0`, `${ana} 1`, `${bia} 2`]);
  });

  it("are begun in turns of those who send them, and keep what goes with each", async () => {
    const sent = [ana, ana, ana, ana, ana, ana, bia, carla, bia];
    assert.deepEqual(await orderOf(2, sent), [
      `${ana} 0`,
      `${ana} 1`,
      `${ana} 2`,
      `${bia} 6`,
      `${carla} 7`,
      `${ana} 3`,
      `${bia} 8`,
      `${ana} 4`,
      `${ana} 5`,
    ]);
  });
});
