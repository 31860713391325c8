import type { IncomingMessage, ServerResponse } from "node:http";
import { isIPv4, isIPv6 } from "node:net";
import type { Request, Response } from "express";
import { ipKeyGenerator } from "express-rate-limit";
import { callerOf } from "./authenticate.ts";
import { createContextKey } from "./request-context.ts";

/** Who sent a request, as far as it is known, in the words of the log. Ids are of nobody but who can look them up here. */
export interface RequestOrigin {
  readonly tenant_id?: string;
  readonly user_id?: string;
  readonly token_id?: string;
  /** Who acts as that user, where it is somebody else. */
  readonly signed_in_by?: string;
  /** Set where it is no user. */
  readonly caller?: "master" | "metrics";
  /** The device that the request was for, when the caller may reach it. */
  readonly device_id?: string;
  /** The network that the request came from. */
  readonly address?: string;
}

const addresses = createContextKey<IncomingMessage, string>();
const devices = createContextKey<ServerResponse, string>();

/** Notes where a request comes from. To be called when it comes: the address goes with the connection. */
export function recordAddress(request: Request): void {
  const address = networkOf(request.ip ?? "");
  if (address !== undefined) addresses.set(request, address);
}

/** Notes for which device a request is. */
export function recordDevice(response: Response, deviceId: string): void {
  devices.set(response, deviceId);
}

export function requestOrigin(request: Request, response: Response): RequestOrigin {
  const caller = callerOf(request);
  const device = devices.of(response);
  const address = addresses.of(request);
  return {
    ...(caller?.kind === "user" && {
      tenant_id: caller.tenantId,
      user_id: caller.userId,
      token_id: caller.tokenId,
      ...(caller.signedInBy !== null && { signed_in_by: caller.signedInBy }),
    }),
    ...(caller && caller.kind !== "user" && { caller: caller.kind }),
    ...(device !== undefined && { device_id: device }),
    ...(address !== undefined && { address }),
  };
}

/**
 * Shortens an address so far that it is of many: an IPv4 one to its /24, an IPv6 one to its /48.
 * @returns `undefined` for what is no address; a proxy may have taken it from whoever asked
 */
export function networkOf(address: string): string | undefined {
  // Where an IPv6 address is one of a link, that stands behind it.
  const [bare = ""] = address.split("%");
  const known = isIPv6(bare) ? ipKeyGenerator(bare, 48) : bare;
  if (isIPv4(known)) return `${known.slice(0, known.lastIndexOf("."))}.0/24`;
  return isIPv6(bare) ? known : undefined;
}
