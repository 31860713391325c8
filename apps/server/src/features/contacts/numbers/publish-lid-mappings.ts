import { isLid, isPhoneNumberJid, parseJid } from "../../../whatsapp/protocol/jid.ts";
import { withoutOwnAccount } from "../contact-events.ts";
import type { ContactUpdate } from "../contact-merge.ts";
import type { ContactWriteBuffer } from "../contact-write-buffer.ts";
import type { FoundRegistration, Registrations } from "./registrations.repository.ts";

/**
 * Publishes LIDs from registrations to the contacts: each query for a number (check, block or profile) may return its
 * LID. The stored pair also goes to the contacts, and counts more than their earlier ones.
 * @param own the linked account's JIDs; it is no contact of its own
 */
export function publishingLidMappings(
  registrations: Registrations,
  updates: ContactWriteBuffer,
  own: () => readonly string[],
): Registrations {
  return {
    ...registrations,
    async remember(...found) {
      await registrations.remember(...found);
      const pairs = withoutOwnAccount(pairsIn(found), own());
      if (pairs.length === 0) return;
      updates.enqueue(pairs);
      await updates.flush();
    },
  };
}

/** Removes duplicates, because a number may be known in several forms. */
function pairsIn(found: readonly FoundRegistration[]): ContactUpdate[] {
  const at = new Date();
  return [...new Map(found.map(({ jid, lid }) => [jid, lid]))].flatMap(([reported, reportedLid]) => {
    const [jid, lid] = [parseJid(reported), parseJid(reportedLid ?? "")];
    return jid && lid && isPhoneNumberJid(jid) && isLid(lid) ? [{ jid, lid, at }] : [];
  });
}
