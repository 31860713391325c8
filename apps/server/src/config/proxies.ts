import { isIP } from "node:net";

/** No `true`, as Express would take it: a server that believes every proxy counts the failures of no client. */
export function parseProxies(text: string): false | number | readonly string[] | undefined {
  if (/^\d+$/.test(text)) {
    const hops = Number(text);
    return hops > maxHops ? undefined : hops === 0 ? false : hops;
  }
  const proxies = text.split(",").map((proxy) => proxy.trim());
  return proxies.every(isProxy) ? proxies : undefined;
}

/** How many proxies in a row a number may stand for. */
export const maxHops = 32;

function isProxy(text: string): boolean {
  if (["loopback", "linklocal", "uniquelocal"].includes(text)) return true;
  const [address = "", prefix, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || more.length > 0) return false;
  const bits = version === 4 ? 32 : 128;
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= bits);
}
