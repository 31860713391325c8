/** Shared by every copy of this module in the process, so that two of them do not guard twice. */
const GUARD = Symbol.for("wuts.whatsapp-simulator.quiet-libsignal");
const LIBSIGNAL_FRAME = /[\\/]node_modules[\\/]libsignal[\\/]/;
/** The function that reads the stack, this guard, perhaps another one around it, and the caller. */
const FRAMES_READ = 4;

/**
 * Keeps libsignal from printing. It logs whole session objects, private keys included, through
 * `console.info`, `warn` and `error` (proven on loopback: "Closing session:"). Calls from anywhere else pass.
 *
 * The console belongs to the process, so the guard does too: installing it again changes nothing, and it works
 * inside or around another guard of the kind.
 */
export function silenceLibsignalLogs(): void {
  for (const method of ["info", "warn", "error"] as const) {
    const print = console[method];
    if (GUARD in print) continue;
    const guarded = (...values: unknown[]) => {
      if (!calledFromLibsignal()) print.apply(console, values);
    };
    console[method] = Object.assign(guarded, { [GUARD]: true });
  }
}

function calledFromLibsignal(): boolean {
  // A process that wants cheap errors may have set the limit to 0, and then there would be no stack to read.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES_READ;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  return LIBSIGNAL_FRAME.test(stack);
}
