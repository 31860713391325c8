import { isIP } from "node:net";

/**
 * Parses trusted proxies. Never `true`, which Express accepts: a server that trusts every proxy cannot count a client's
 * failures.
 */
export function parseProxies(text: string): false | number | readonly string[] | undefined {
  if (/^\d+$/.test(text)) {
    const hops = Number(text);
    return hops > maxHops ? undefined : hops === 0 ? false : hops;
  }
  const proxies = text.split(",").map((proxy) => proxy.trim());
  return proxies.every(isProxy) ? proxies : undefined;
}

/** The maximum number of proxies in a row. */
export const maxHops = 32;

function isProxy(text: string): boolean {
  if (["loopback", "linklocal", "uniquelocal"].includes(text)) return true;
  const [address = "", prefix, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || more.length > 0) return false;
  const bits = version === 4 ? 32 : 128;
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= bits);
}
