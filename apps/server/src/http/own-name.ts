import type { IncomingMessage } from "node:http";
import { isLoopbackAddress } from "../kernel/loopback.ts";

/**
 * Whether a request asks for this machine under a name that can be no other one: `localhost`, or an address of loopback. A
 * page of others can have its own name mean 127.0.0.1 (DNS rebinding), and its visitor's browser then asks here for it; but
 * the browser says that name in `Host`, which no page can write. `X-Forwarded-Host` it can, so that is not looked at.
 */
export function isUnderOwnName({ headers }: Pick<IncomingMessage, "headers">): boolean {
  const [, version6, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(headers.host ?? "") ?? [];
  return isLoopbackAddress(version6 ?? name ?? "");
}
