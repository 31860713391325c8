import type { Config } from "../../config/config.ts";
import { isLoopbackAddress } from "../../kernel/loopback.ts";

/** Who may see the metrics. */
export type MetricsAccess = "thisMachine" | "noOne" | { readonly token: string };

/**
 * Without a token they are for this machine, which a request has to show by the name that it is for: whoever reaches a server
 * that others reach, too, sees none.
 */
export function metricsAccess({ metricsToken, host }: Pick<Config, "metricsToken" | "host">): MetricsAccess {
  if (metricsToken !== undefined) return { token: metricsToken };
  return isLoopbackAddress(host) ? "thisMachine" : "noOne";
}
