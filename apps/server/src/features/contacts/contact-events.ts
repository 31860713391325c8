import type { Contact, SignalDataSet, WAMessage } from "../../whatsapp/protocol/baileys.ts";
import { isLid, isPhoneNumberJid, jidOfPhoneNumber, parseJid } from "../../whatsapp/protocol/jid.ts";
import type { WhatsAppEvents } from "../../whatsapp/socket/connection-events.ts";
import type { ContactUpdate } from "./contact-merge.ts";

/**
 * Subscribes to a connection's contact updates: names and pairs of number and LID, no text of any message.
 * @param listener does not get the linked account: it is no contact of its own
 */
export function subscribeToContacts(
  events: WhatsAppEvents,
  listener: (updates: readonly ContactUpdate[]) => void,
): void {
  const tell = (contactUpdates: readonly ContactUpdate[]) => {
    const others = withoutOwnAccount(contactUpdates, events.ownJids());
    if (others.length > 0) listener(others);
  };
  // Only app state emits these. rc14 leaves `name` out when it was removed, and does not give the time of saving.
  events.on("contacts.upsert", (contacts) =>
    tell(
      contacts.flatMap((contact) =>
        updatesFrom(contact, new Date(), { fullName: contact.name ?? null }, longAgo),
      ),
    ),
  );
  events.on("contacts.update", (contacts) =>
    tell(contacts.flatMap((contact) => updatesFrom(contact, new Date(), namesOfItself(contact)))),
  );
  events.on("messaging-history.set", ({ contacts, messages, lidPnMappings = [] }) =>
    tell([
      ...contacts.flatMap((contact) =>
        updatesFrom(contact, longAgo, { fullName: contact.name, ...namesOfItself(contact) }, longAgo),
      ),
      ...messages.flatMap(updatesFromSender),
      ...lidPnMappings.flatMap(({ lid, pn }) => updatesFrom({ id: pn, lid }, longAgo, {}, longAgo)),
    ]),
  );
  events.on("messages.upsert", ({ messages }) => tell(messages.flatMap(updatesFromSender)));
  // Pairs of contacts that were saved at any time. Baileys stores those that are new to it, too.
  events.on("lid-mapping.update", ({ lid, pn }) =>
    tell(updatesFrom({ id: pn, lid }, new Date(), {}, longAgo)),
  );
  events.on("groups.upsert", (groups) =>
    tell(groups.flatMap(({ participants }) => participants.flatMap((one) => updatesFrom(one, new Date())))),
  );
  events.on("group-participants.update", ({ participants }) =>
    tell(participants.flatMap((one) => updatesFrom(one, new Date()))),
  );
  events.onKeysStored((data) => tell(pairsIn(data)));
  events.onAppStateMutation((noted) => tell(updatesFromAppState(noted)));
}

/**
 * Reads rc14's log entry of level `trace` that precedes a change of the app state. Only this entry has the first name:
 * `contacts.upsert` leaves it out.
 */
export function updatesFromAppState(noted: unknown): ContactUpdate[] {
  const mutation = at(noted, "syncAction");
  const value = at(at(mutation, "syncAction"), "value");
  const action = at(value, "contactAction");
  const index = at(mutation, "index");
  const id = Array.isArray(index) && index[0] === "contact" ? textAt(index, "1") : undefined;
  if (typeof action !== "object" || action === null || id === undefined) return [];
  const [fullName, firstName] = [textAt(action, "fullName"), textAt(action, "firstName")];
  // In milliseconds. The number had this LID at that time.
  const savedAt = new Date(Number(at(value, "timestamp") ?? 0));
  return updatesFrom(
    { id, lid: textAt(action, "lidJid"), phoneNumber: textAt(action, "pnJid") },
    new Date(),
    { fullName: fullName ?? firstName ?? null, firstName: firstName ?? null },
    savedAt,
  );
}

/** @param ownJids the linked account's; it is no contact of its own */
export function withoutOwnAccount(
  updates: readonly ContactUpdate[],
  ownJids: readonly (string | undefined)[],
): readonly ContactUpdate[] {
  return updates.filter(({ jid, lid }) => !ownJids.includes(jid) && !ownJids.includes(lid));
}

/** The time of updates from history, which may have changed since: every other source counts more. */
const longAgo = new Date(0);

type Names = Pick<ContactUpdate, "fullName" | "firstName" | "pushName" | "businessName">;
type Address = { readonly [Field in "id" | "lid" | "phoneNumber"]?: string | undefined };

/** @returns an empty list for JIDs that are no person, such as a group */
function updatesFrom(
  { id, lid, phoneNumber }: Address,
  reportedAt: Date,
  names: Names = {},
  pairedAt?: Date,
): ContactUpdate[] {
  const jids = [id, phoneNumber, lid].map((address) => parseJid(address ?? ""));
  const update = {
    jid: jids.find((jid) => jid && isPhoneNumberJid(jid)),
    lid: jids.find((jid) => jid && isLid(jid)),
    at: reportedAt,
    pairedAt,
    ...names,
  };
  const isPair = update.jid !== undefined && update.lid !== undefined;
  const isPerson = update.jid !== undefined || update.lid !== undefined;
  const isNamed = Object.values(names).some((name) => name !== undefined);
  return isPerson && (isPair || isNamed) ? [update] : [];
}

function namesOfItself({ notify, verifiedName }: Partial<Contact>): Names {
  return { pushName: notify || undefined, businessName: verifiedName || undefined };
}

/** Reads the sender's update. In a message from the own account, the addresses are those of the chat partner. */
function updatesFromSender({ key, messageTimestamp, pushName, verifiedBizName }: WAMessage): ContactUpdate[] {
  const address = key.participant
    ? { id: key.participant, lid: key.participantAlt, phoneNumber: key.participantAlt }
    : { id: key.remoteJid ?? "", lid: key.remoteJidAlt, phoneNumber: key.remoteJidAlt };
  const sentAt = new Date(Math.min(Number(messageTimestamp ?? 0) * 1000, Date.now()));
  const names = key.fromMe
    ? {}
    : { pushName: pushName || undefined, businessName: verifiedBizName || undefined };
  return updatesFrom(address, sentAt, names);
}

/** Baileys keeps pairs as keys: the LID under the number, and the number under the LID with `_reverse`. */
function pairsIn(data: SignalDataSet): ContactUpdate[] {
  return Object.entries(data["lid-mapping"] ?? {}).flatMap(([number, lid]) =>
    typeof lid === "string"
      ? updatesFrom({ id: jidOfPhoneNumber(number), lid: `${lid}@lid` }, new Date())
      : [],
  );
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function textAt(value: unknown, key: string): string | undefined {
  const found = at(value, key);
  return typeof found === "string" && found !== "" ? found : undefined;
}
