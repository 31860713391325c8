import type { Device } from "@wuts/client";

export type Offer = "lookUp" | "pair" | "connect" | "disconnect" | "logout";

/** @returns what makes sense for a device in a state, besides deleting it */
export function offers(state: Device["state"]): ReadonlySet<Offer> {
  return new Set(byState[state]);
}

const byState: Readonly<Record<Device["state"], readonly Offer[]>> = {
  unpaired: ["pair"],
  pairing: ["pair"],
  connecting: ["disconnect", "logout"],
  connected: ["lookUp", "disconnect", "logout"],
  reconnecting: ["disconnect", "logout"],
  disconnected: ["connect", "logout"],
  replaced: ["connect", "logout"],
  logged_out: ["pair"],
  banned: ["connect", "disconnect", "logout"],
};
