import type { Device } from "@wuts/client";

export type Action = "lookUp" | "pair" | "connect" | "disconnect" | "logout";

/** @returns the actions that a state of a device allows, besides deleting it */
export function actionsFor(state: Device["state"]): ReadonlySet<Action> {
  return new Set(byState[state]);
}

const byState: Readonly<Record<Device["state"], readonly Action[]>> = {
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
