/** Longer than any wait of the simulator's, shorter than any that Baileys forgets. */
const LONG_MS = 20_000;

const setTimeoutForReal = globalThis.setTimeout;

/**
 * rc14 leaves timers behind: 30 seconds beside each pre-key upload and 60 for each query that was under way when
 * the socket ended (Socket/socket.ts). They would keep a test process for that long, so they lose their hold on
 * it. That the simulator itself leaves nothing is shown by a process of its own, without this, in stop.test.ts.
 */
globalThis.setTimeout = Object.assign((...args: Parameters<typeof setTimeout>) => {
  const timer = setTimeoutForReal(...args);
  return (args[1] ?? 0) >= LONG_MS ? timer.unref() : timer;
}, setTimeoutForReal);
