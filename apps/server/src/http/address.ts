import type { Request } from "express";

/**
 * Behind a proxy that the operator trusts, Express takes both parts from what the proxy has been asked for.
 * @returns the address that a request reached the server under, such as `https://wuts.example.com`; empty where it does not say
 */
export function addressOf({ protocol, host }: Request): string {
  // HTTP/1.0 needs no `Host`; without one the document is relative to where it comes from.
  return host === undefined ? "" : `${protocol}://${host}`;
}
