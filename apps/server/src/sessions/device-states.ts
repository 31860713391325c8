import type { DeviceState, DisconnectReason } from "@wuts/contract";
import type { PersistedState } from "../storage/schema/tables.ts";

/** The allowed state transitions. Any other transition is a bug, and throws. */
const transitions: Record<DeviceState, readonly DeviceState[]> = {
  unpaired: ["pairing", "connecting"],
  // Once the phone has linked the device, its connection may end in any way before WhatsApp asks for a restart.
  pairing: [
    "unpaired",
    "connecting",
    "connected",
    "reconnecting",
    "disconnected",
    "replaced",
    "logged_out",
    "banned",
  ],
  connecting: ["connected", "reconnecting", "disconnected", "replaced", "logged_out", "banned", "unpaired"],
  connected: ["connecting", "reconnecting", "disconnected", "replaced", "logged_out", "banned"],
  reconnecting: ["connecting", "connected", "disconnected", "replaced", "logged_out", "banned", "unpaired"],
  disconnected: ["connecting", "logged_out", "unpaired"],
  replaced: ["connecting", "disconnected", "logged_out", "unpaired"],
  logged_out: ["pairing", "connecting", "unpaired"],
  banned: ["connecting", "disconnected", "logged_out", "unpaired"],
};

/** @returns `to` @throws when the transition is not allowed */
export function transition(from: DeviceState, to: DeviceState): DeviceState {
  if (from === to || transitions[from].includes(to)) return to;
  throw new Error(`a device that is ${from} cannot become ${to}`);
}

/** @returns how often each state is in the list, 0 included */
export function countByState(states: readonly DeviceState[]): Record<DeviceState, number> {
  const count = { ...noneOfEach };
  for (const state of states) count[state] += 1;
  return count;
}

const noneOfEach: Record<DeviceState, number> = {
  unpaired: 0,
  pairing: 0,
  connecting: 0,
  connected: 0,
  reconnecting: 0,
  disconnected: 0,
  replaced: 0,
  logged_out: 0,
  banned: 0,
};

/** @returns whether a text is the name of a state */
export function isState(text: string): text is DeviceState {
  return Object.hasOwn(transitions, text);
}

/** A state that a device keeps until a user or an operator acts. */
export type StateAtRest = Exclude<PersistedState, "paired">;

/** @returns the state of a device that has no connection, from its stored state */
export function stateAtRest(standing: PersistedState): DeviceState {
  // Paired devices are restored one after the other: until then, a device counts as connecting.
  return standing === "paired" ? "connecting" : standing;
}

/** Whether a device with this stored state has an account linked. */
export function isPaired(standing: PersistedState): boolean {
  return standing !== "unpaired" && standing !== "logged_out";
}

/** How a paired device reacts to the end of its connection. */
export type Reaction =
  | { readonly next: "reconnect-now" | "reconnect-later" }
  | { readonly next: "stop"; readonly state: StateAtRest; readonly standing: PersistedState };

/** WhatsApp's close codes, each with what rc14 showed on loopback. */
export const reactions: Record<DisconnectReason, Reaction> = {
  restart_required: { next: "reconnect-now" },
  connection_lost: { next: "reconnect-later" },
  timed_out: { next: "reconnect-later" },
  service_unavailable: { next: "reconnect-later" },
  pairing_expired: { next: "reconnect-later" },
  // WhatsApp sends it only to devices that are not paired, and those do not reconnect by themselves.
  passkey_required: { next: "reconnect-later" },
  unknown: { next: "reconnect-later" },
  requested: { next: "stop", state: "disconnected", standing: "disconnected" },
  // Reconnecting would disconnect the other program, which would do the same to this server: an endless loop.
  replaced: { next: "stop", state: "replaced", standing: "replaced" },
  logged_out: { next: "stop", state: "logged_out", standing: "logged_out" },
  banned: { next: "stop", state: "banned", standing: "banned" },
  // Until the ban ends, if WhatsApp has said when that is: see `DeviceRegistry`.
  temporarily_banned: { next: "stop", state: "banned", standing: "banned" },
  // The same login would be refused again, even after a restart of the server.
  login_refused: { next: "stop", state: "disconnected", standing: "disconnected" },
  // WhatsApp may accept a newer version of this server, so the next start tries again.
  client_outdated: { next: "stop", state: "disconnected", standing: "paired" },
  multidevice_mismatch: { next: "stop", state: "disconnected", standing: "paired" },
};

/** Every reason for which a connection ends. */
export const closeReasons: readonly string[] = Object.keys(reactions);

/** The reasons after which a device reconnects by itself. */
export const reconnectReasons: readonly string[] = Object.entries(reactions)
  .filter(([, { next }]) => next !== "stop")
  .map(([reason]) => reason);
