/** Longer than any wait of a test, shorter than any timer that Baileys forgets. */
const longMs = 20_000;

const patched = Symbol.for("wuts.testing.baileys-timers");

/*
 * rc14 leaves timers behind: 30 seconds beside each pre-key upload and 60 for each query that was under way when the socket
 * ended (Socket/socket.ts). They would be open handles of every test file with a socket, so they lose their hold on the
 * process. Timers of this repository keep theirs. That the simulator leaves nothing is shown by a process of its own, in its
 * stop.test.ts.
 */
if (!Object.hasOwn(globalThis, patched)) {
  const original = globalThis.setTimeout;
  globalThis.setTimeout = Object.assign((...args: Parameters<typeof setTimeout>) => {
    const timer = original(...args);
    return (args[1] ?? 0) >= longMs ? timer.unref() : timer;
  }, original);
  Object.defineProperty(globalThis, patched, { value: true });
}
