/** Longer than any wait of a test, shorter than any timer that Baileys forgets. */
const LONG_MS = 20_000;

const setTimeoutForReal = globalThis.setTimeout;

/**
 * For test processes, before anything else: `node --test --import @wuts/whatsapp-simulator/unref-long-timers`.
 *
 * rc14 leaves timers behind: 30 seconds beside each pre-key upload and 60 for each query that was under way when
 * the socket ended (Socket/socket.ts). They would keep a test process for that long, so they lose their hold on
 * it. What anybody else leaves open keeps its hold, and shows as a run that does not end. That the simulator
 * leaves nothing is shown by a process of its own, in stop.test.ts.
 */
globalThis.setTimeout = Object.assign((...args: Parameters<typeof setTimeout>) => {
  const timer = setTimeoutForReal(...args);
  return (args[1] ?? 0) >= LONG_MS ? timer.unref() : timer;
}, setTimeoutForReal);
