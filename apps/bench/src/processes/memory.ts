import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { answer } from "./parent.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: (how: { type: string; execution: string; flavor: string }) => void =
  runInNewContext("gc");

/** How often garbage is collected: one collection may free the last reference to other objects. */
const times = 4;

// Replies with the memory in use when all work after a login is over.
answer("memory", async () => {
  for (let time = 0; time < times; time += 1) {
    await sleep(500);
    collectGarbage({ type: "major", execution: "sync", flavor: "last-resort" });
  }
  const { rss, heapUsed } = process.memoryUsage();
  return JSON.stringify({ rss, heap: heapUsed });
});
