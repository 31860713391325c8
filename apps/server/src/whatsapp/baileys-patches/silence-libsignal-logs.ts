/**
 * libsignal prints whole session objects through `console`, private keys included ("Closing session:", seen on
 * stdout with rc14). This module must be imported before Baileys. It changes `console` for the whole process, since
 * libsignal offers no other way, but only calls that come from libsignal or Baileys are swallowed.
 */
const methods = ["log", "info", "warn", "error", "debug", "trace"] as const;
const wrapped = Symbol.for("wuts.quiet-libsignal");

for (const method of methods) {
  const original = console[method];
  if (wrapped in original) continue;
  const quiet = (...args: unknown[]) => {
    if (!isCalledByLibsignal()) original.apply(console, args);
  };
  console[method] = Object.assign(quiet, { [wrapped]: true });
}

/**
 * Looks at the direct caller (and at one frame more, in case another library wraps `console` too), not at its callers.
 */
function isCalledByLibsignal(): boolean {
  const [, , , ...callers] = (new Error().stack ?? "").split("\n");
  return callers
    .slice(0, 2)
    .some((frame) => /[\\/]node_modules[\\/](?:libsignal|@whiskeysockets)[\\/]/.test(frame));
}
