import type { Config } from "../../config/config.ts";
import { isLoopbackAddress } from "../../kernel/loopback.ts";

/** The clients that may see the metrics. */
export type MetricsAccess = "thisMachine" | "noOne" | { readonly token: string };

/**
 * Decides which clients may see the metrics. Without a token, only clients on this machine may, and the request must address
 * the server by a name of this machine. If the server listens on an address that other machines reach, no client sees metrics.
 */
export function metricsAccess({ metricsToken, host }: Pick<Config, "metricsToken" | "host">): MetricsAccess {
  if (metricsToken !== undefined) return { token: metricsToken };
  return isLoopbackAddress(host) ? "thisMachine" : "noOne";
}
