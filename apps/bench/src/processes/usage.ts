import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import { answer } from "./parent.ts";

/** What a process has used since its start, and the longest pauses of its event loop since it was asked last. */
export interface Usage {
  /** Microseconds of CPU time, in all threads. */
  readonly cpuUs: number;
  /** Microseconds that the main thread has waited for garbage collections. */
  readonly gcUs: number;
  /** The 99th percentile of the delay of the event loop, in milliseconds. */
  readonly loopP99Ms: number;
  readonly rssBytes: number;
}

let gcUs = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) gcUs += duration * 1000;
}).observe({ entryTypes: ["gc"] });

const loop = monitorEventLoopDelay({ resolution: 1 });
loop.enable();

answer("usage", () => {
  const { user, system } = process.cpuUsage();
  const usage: Usage = {
    cpuUs: user + system,
    gcUs,
    loopP99Ms: loop.percentile(99) / 1e6,
    rssBytes: process.memoryUsage.rss(),
  };
  loop.reset();
  return JSON.stringify(usage);
});
