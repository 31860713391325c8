import type { Device } from "@wuts/client";
import { useTexts } from "../i18n/locale-provider.tsx";

/** The state of a device as text and colour. A screen reader announces its changes. */
export function StateBadge({ state }: { readonly state: Device["state"] }) {
  const { devices } = useTexts();
  return (
    <span className={`state ${colours[state]}`} role="status">
      {devices.states[state]}
    </span>
  );
}

const colours: Readonly<Record<Device["state"], "good" | "busy" | "idle" | "bad">> = {
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
