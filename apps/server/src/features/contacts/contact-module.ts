import type { DeviceModule } from "../../sessions/device-module.ts";
import { subscribeToContacts } from "./contact-events.ts";
import type { ContactWriteBuffer } from "./contact-write-buffer.ts";

/** Device module that stores contact updates. */
export function contactModule(buffer: ContactWriteBuffer): DeviceModule {
  return {
    connected: (events) => subscribeToContacts(events, (contactUpdates) => buffer.enqueue(contactUpdates)),
    flush: () => buffer.flush(),
    forget: () => buffer.clear(),
  };
}
