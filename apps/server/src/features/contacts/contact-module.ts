import type { DeviceModule } from "../../sessions/device-module.ts";
import { subscribeToContacts } from "./contact-events.ts";
import type { ContactNotes } from "./contact-write-buffer.ts";

/** Keeps what a device hears of contacts. */
export function contactModule(notes: ContactNotes): DeviceModule {
  return {
    connected: (events) => subscribeToContacts(events, (news) => notes.note(news)),
    flush: () => notes.saved(),
    forget: () => notes.forgetAll(),
  };
}
