import { appendFileSync } from "node:fs";
import { isIP, Socket } from "node:net";
import process from "node:process";

/*
 * Loaded before everything else by each tool that a test runs: connections go to this machine only. Others fail, and are
 * written to the file that `LOOPBACK_LOG` names, because a tool may say nothing when what it wanted to send was not sent.
 */
const { connect } = Socket.prototype;

Socket.prototype.connect = function (...args) {
  const host = hostOf(args);
  if (host === undefined || isLoopback(host)) return connect.apply(this, args);
  if (process.env.LOOPBACK_LOG) appendFileSync(process.env.LOOPBACK_LOG, `${host}\n`);
  return this.destroy(new Error(`${host} is not this machine`));
};

/** Of whichever form of `connect`; `undefined` for a path, and for a port without a host, which is this machine's. */
function hostOf(args) {
  // Node's own modules hand over `[options, callback]`.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === "object" && first !== null) return first.path ? undefined : first.host;
  return typeof second === "string" ? second : undefined;
}

function isLoopback(host) {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
