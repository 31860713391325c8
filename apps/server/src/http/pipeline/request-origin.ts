import type { IncomingMessage, ServerResponse } from "node:http";
import { isIPv4, isIPv6 } from "node:net";
import type { Request, Response } from "express";
import { ipKeyGenerator } from "express-rate-limit";
import { callerOf } from "./authenticate.ts";
import { createContextKey } from "./request-context.ts";

/**
 * The sender of a request, as far as it is known, in the log's field names. Only the operator of this server can resolve the
 * ids.
 */
export interface RequestOrigin {
  readonly tenant_id?: string;
  readonly user_id?: string;
  readonly token_id?: string;
  /** The user who acts as that user, where they differ. */
  readonly signed_in_by?: string;
  /** Set where the caller is no user. */
  readonly caller?: "master" | "metrics";
  /** The device that the request was for, when the caller may reach it. */
  readonly device_id?: string;
  /** The network that the request came from. */
  readonly address?: string;
}

const addresses = createContextKey<IncomingMessage, string>();
const devices = createContextKey<ServerResponse, string>();

/** Records the address of a request. Call it when the request arrives: the address is gone once the connection closes. */
export function recordAddress(request: Request): void {
  const address = networkOf(request.ip ?? "");
  if (address !== undefined) addresses.set(request, address);
}

/** Records the device that a request is for. */
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
 * Truncates an address to a network that many clients share: an IPv4 address to its /24, an IPv6 address to its /48.
 * @returns `undefined` for a text that is no address; a proxy may have copied it from the client
 */
export function networkOf(address: string): string | undefined {
  // A zone id of a link-local IPv6 address follows a `%`.
  const [bare = ""] = address.split("%");
  const known = isIPv6(bare) ? ipKeyGenerator(bare, 48) : bare;
  if (isIPv4(known)) return `${known.slice(0, known.lastIndexOf("."))}.0/24`;
  return isIPv6(bare) ? known : undefined;
}
