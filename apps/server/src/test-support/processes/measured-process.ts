/** To be loaded before the server, with `--expose-gc`: tells how large its heap is, and how late its timers were. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";

const delays = monitorEventLoopDelay({ resolution: 10 });
delays.enable();

process.once("disconnect", () => process.exit());
process.on("message", async () => {
  const [p50, p99] = [delays.percentile(50), delays.percentile(99)];
  // What is finalized in one round may let go of more in the next.
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.();
    await setTimeout(20);
  }
  process.send?.({ heapBytes: process.memoryUsage().heapUsed, p50Ms: p50 / 1e6, p99Ms: p99 / 1e6 });
  delays.reset();
});
