import type { Contact, SignalDataSet, WAMessage } from "../../whatsapp/protocol/baileys.ts";
import { isLid, isPhoneNumberJid, jidOfPhoneNumber, parseJid } from "../../whatsapp/protocol/jid.ts";
import type { WhatsAppEvents } from "../../whatsapp/socket/connection-events.ts";
import type { ContactNews } from "./contact-merge.ts";

/**
 * Listens to what a connection learns of people: names and pairs of number and LID, no text of any message.
 * @param listener is not told of the linked account: it is no contact of its own
 */
export function subscribeToContacts(
  events: WhatsAppEvents,
  listener: (news: readonly ContactNews[]) => void,
): void {
  const tell = (news: readonly ContactNews[]) => {
    const others = newsOfOthers(news, events.ownJids());
    if (others.length > 0) listener(others);
  };
  // Only app state emits these. rc14 does not say that a name was removed: it has none then, and not when it was saved.
  events.on("contacts.upsert", (contacts) =>
    tell(
      contacts.flatMap((contact) => newsOf(contact, new Date(), { fullName: contact.name ?? null }, longAgo)),
    ),
  );
  events.on("contacts.update", (contacts) =>
    tell(contacts.flatMap((contact) => newsOf(contact, new Date(), namesThemselves(contact)))),
  );
  events.on("messaging-history.set", ({ contacts, messages, lidPnMappings = [] }) =>
    tell([
      ...contacts.flatMap((contact) =>
        newsOf(contact, longAgo, { fullName: contact.name, ...namesThemselves(contact) }, longAgo),
      ),
      ...messages.flatMap(newsOfSender),
      ...lidPnMappings.flatMap(({ lid, pn }) => newsOf({ id: pn, lid }, longAgo, {}, longAgo)),
    ]),
  );
  events.on("messages.upsert", ({ messages }) => tell(messages.flatMap(newsOfSender)));
  // Of contacts that were saved at any time. What is news to Baileys it stores, too.
  events.on("lid-mapping.update", ({ lid, pn }) => tell(newsOf({ id: pn, lid }, new Date(), {}, longAgo)));
  events.on("groups.upsert", (groups) =>
    tell(groups.flatMap(({ participants }) => participants.flatMap((one) => newsOf(one, new Date())))),
  );
  events.on("group-participants.update", ({ participants }) =>
    tell(participants.flatMap((one) => newsOf(one, new Date()))),
  );
  events.onKeysStored((data) => tell(pairsIn(data)));
  events.onAppStateMutation((noted) => tell(newsOfAppState(noted)));
}

/**
 * Reads what rc14 notes at the level `trace` before it handles a change of the app state. It is the one place that has the
 * first name: `contacts.upsert` leaves it out.
 */
export function newsOfAppState(noted: unknown): ContactNews[] {
  const mutation = at(noted, "syncAction");
  const value = at(at(mutation, "syncAction"), "value");
  const action = at(value, "contactAction");
  const index = at(mutation, "index");
  const id = Array.isArray(index) && index[0] === "contact" ? textAt(index, "1") : undefined;
  if (typeof action !== "object" || action === null || id === undefined) return [];
  const [fullName, firstName] = [textAt(action, "fullName"), textAt(action, "firstName")];
  // In milliseconds. The LID is the one that the number had then.
  const savedAt = new Date(Number(at(value, "timestamp") ?? 0));
  return newsOf(
    { id, lid: textAt(action, "lidJid"), phoneNumber: textAt(action, "pnJid") },
    new Date(),
    { fullName: fullName ?? firstName ?? null, firstName: firstName ?? null },
    savedAt,
  );
}

/** @param ownJids the linked account's; it is no contact of its own */
export function newsOfOthers(
  news: readonly ContactNews[],
  ownJids: readonly (string | undefined)[],
): readonly ContactNews[] {
  return news.filter(({ jid, lid }) => !ownJids.includes(jid) && !ownJids.includes(lid));
}

/** What history says may have changed since, and whatever else was told counts more. */
const longAgo = new Date(0);

type Names = Pick<ContactNews, "fullName" | "firstName" | "pushName" | "businessName">;
type Address = { readonly [Field in "id" | "lid" | "phoneNumber"]?: string | undefined };

/** @returns nothing for who is no person, such as a group */
function newsOf(
  { id, lid, phoneNumber }: Address,
  toldAt: Date,
  names: Names = {},
  pairedAt?: Date,
): ContactNews[] {
  const jids = [id, phoneNumber, lid].map((address) => parseJid(address ?? ""));
  const news = {
    jid: jids.find((jid) => jid && isPhoneNumberJid(jid)),
    lid: jids.find((jid) => jid && isLid(jid)),
    at: toldAt,
    pairedAt,
    ...names,
  };
  const isPair = news.jid !== undefined && news.lid !== undefined;
  const isPerson = news.jid !== undefined || news.lid !== undefined;
  const isNamed = Object.values(names).some((name) => name !== undefined);
  return isPerson && (isPair || isNamed) ? [news] : [];
}

function namesThemselves({ notify, verifiedName }: Partial<Contact>): Names {
  return { pushName: notify || undefined, businessName: verifiedName || undefined };
}

/** Of a message of one's own it is the partner whose addresses it has. */
function newsOfSender({ key, messageTimestamp, pushName, verifiedBizName }: WAMessage): ContactNews[] {
  const address = key.participant
    ? { id: key.participant, lid: key.participantAlt, phoneNumber: key.participantAlt }
    : { id: key.remoteJid ?? "", lid: key.remoteJidAlt, phoneNumber: key.remoteJidAlt };
  const sentAt = new Date(Math.min(Number(messageTimestamp ?? 0) * 1000, Date.now()));
  const names = key.fromMe
    ? {}
    : { pushName: pushName || undefined, businessName: verifiedBizName || undefined };
  return newsOf(address, sentAt, names);
}

/** Baileys keeps pairs as keys: the LID under the number, and the number under the LID with `_reverse`. */
function pairsIn(data: SignalDataSet): ContactNews[] {
  return Object.entries(data["lid-mapping"] ?? {}).flatMap(([number, lid]) =>
    typeof lid === "string" ? newsOf({ id: jidOfPhoneNumber(number), lid: `${lid}@lid` }, new Date()) : [],
  );
}

function at(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function textAt(value: unknown, key: string): string | undefined {
  const found = at(value, key);
  return typeof found === "string" && found !== "" ? found : undefined;
}
