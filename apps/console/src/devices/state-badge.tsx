import type { Device } from "@wuts/client";
import { useTexts } from "../i18n/locale-provider.tsx";

/** The state of a device, in words and in a colour; whoever listens hears when it changes. */
export function StateBadge({ state }: { readonly state: Device["state"] }) {
  const { devices } = useTexts();
  return (
    <span className={`state ${moods[state]}`} role="status">
      {devices.states[state]}
    </span>
  );
}

const moods: Readonly<Record<Device["state"], "good" | "busy" | "idle" | "bad">> = {
  unpaired: "idle",
  pairing: "busy",
  connecting: "busy",
  connected: "good",
  reconnecting: "busy",
  disconnected: "idle",
  replaced: "bad",
  logged_out: "bad",
  banned: "bad",
};
