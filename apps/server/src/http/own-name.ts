import type { IncomingMessage } from "node:http";
import { isLoopbackAddress } from "../kernel/loopback.ts";

/**
 * Whether a request addresses this machine by a name that can be no other machine's: `localhost`, or a loopback address. A
 * foreign page can make its own name resolve to 127.0.0.1 (DNS rebinding), and the visitor's browser then sends requests here;
 * but the browser puts that name into `Host`, which no page can change. A page can set `X-Forwarded-Host`, so that header is
 * ignored.
 */
export function isUnderOwnName({ headers }: Pick<IncomingMessage, "headers">): boolean {
  const [, version6, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(headers.host ?? "") ?? [];
  return isLoopbackAddress(version6 ?? name ?? "");
}
