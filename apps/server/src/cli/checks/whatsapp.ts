import type { Reachability } from "../../whatsapp/socket/reachability.ts";
import { type Finding, fail, ok, warn } from "./finding.ts";

export function checkReachability(reachability: Reachability): Finding {
  const { url } = reachability;
  if (reachability.reached) return ok(`${url} answers, in ${Math.round(reachability.tookMs)} ms`);
  return fail(`${url} is out of reach (${reachability.why}): this machine needs a direct way to it`);
}

/** Far more than messages take, and far less than what certificates, tokens and pictures' URLs live. */
const toleratedMs = 60_000;

export function checkClock(reachability: Reachability): Finding {
  if (!reachability.reached) return warn("could not be checked, since WhatsApp is out of reach");
  const { clockAheadMs } = reachability;
  if (clockAheadMs === undefined) return warn("could not be checked, since WhatsApp does not tell the time");
  const seconds = Math.round(Math.abs(clockAheadMs) / 1_000);
  const difference = `${seconds} s ${clockAheadMs > 0 ? "ahead of" : "behind"} WhatsApp's`;
  if (Math.abs(clockAheadMs) <= toleratedMs) return ok(seconds <= 1 ? "as WhatsApp's" : difference);
  return fail(`${difference}: set it, and keep it right with NTP`);
}
