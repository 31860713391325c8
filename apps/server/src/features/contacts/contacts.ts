import type { Contact, Identity, ResolvedContact } from "@wuts/contract";
import type { Device } from "../../sessions/device.ts";
import type { ContactRow } from "../../storage/schema/tables.ts";
import { isLid, isPhoneNumberJid, type Jid, type Person, userOf } from "../../whatsapp/protocol/jid.ts";
import type { ContactRepository } from "./contacts.repository.ts";
import { findContacts, type Identities, identityOf } from "./identities.ts";
import type { RegisteredNumbers } from "./numbers/registered-numbers.ts";

/** One page of contacts, and the JID after which the next page starts. */
export interface ContactPage {
  readonly items: Contact[];
  /** `undefined` on the last page. */
  readonly next: string | undefined;
}

/** A requested contact, and what is known about it. */
export type Resolved = Omit<ResolvedContact, "input" | "error_code" | "error">;

/** The contacts of one device. */
export class Contacts {
  readonly #device: Device;
  readonly #rows: ContactRepository;
  readonly #identities: Identities;
  readonly #numbers: RegisteredNumbers;

  constructor(device: Device, rows: ContactRepository, identities: Identities, numbers: RegisteredNumbers) {
    this.#device = device;
    this.#rows = rows;
    this.#identities = identities;
    this.#numbers = numbers;
  }

  /**
   * Lists contacts.
   * @param search part of a name or of a number
   * @param after the JID after which the page starts
   */
  async list(search: string | undefined, limit: number, after: string | undefined): Promise<ContactPage> {
    const rows = await this.#rows.list(search, limit + 1, after);
    const page = rows.slice(0, limit);
    return { items: page.map(contactView), next: rows.length > limit ? page.at(-1)?.jid : undefined };
  }

  /**
   * Resolves contacts from stored data, and queries WhatsApp for numbers without a known LID. Needs a connection only for
   * such a query.
   * @param targets JIDs by number, and LIDs; each is resolved once
   * @param signal stops waiting for a device that is connecting
   * @returns by JID
   * @throws Failure as in the contract of `POST /contacts/resolve`
   */
  async resolve(targets: readonly Jid[], signal: AbortSignal): Promise<ReadonlyMap<Jid, Resolved>> {
    const wanted = [...new Set(targets)];
    const known = new Map(await this.#identities.known(wanted));
    const own = wanted.flatMap((target): [Jid, Person][] => {
      const person = this.#device.asOwn(target);
      return person ? [[target, person]] : [];
    });
    for (const [target, person] of own) known.set(target, person);
    const isOwn = (target: Jid) => own.some(([jid]) => jid === target);
    const open = wanted.filter(
      (target) => isPhoneNumberJid(target) && !known.get(target)?.lid && !isOwn(target),
    );
    const registered = open.length === 0 ? new Map<Jid, Person>() : await this.#ask(open, signal);
    const identities = new Map<Jid, Person | null>(known);
    for (const target of open) identities.set(target, registered.get(target) ?? null);
    const names = await this.#namesOf(wanted, identities);
    return new Map(wanted.map((target) => [target, resolved(target, identities.get(target), names(target))]));
  }

  /** @returns by JID, the targets that are registered */
  async #ask(targets: readonly Jid[], signal: AbortSignal): Promise<ReadonlyMap<Jid, Person>> {
    await this.#device.untilReady(signal);
    const { registered } = await this.#numbers.find(targets.map(userOf));
    return new Map(
      targets.flatMap((target): [Jid, Person][] => {
        const person = registered.get(userOf(target));
        return person ? [[target, person]] : [];
      }),
    );
  }

  async #namesOf(targets: readonly Jid[], identities: ReadonlyMap<Jid, Person | null>) {
    const jids = targets.flatMap((target) => [target, ...addresses(identities.get(target))]);
    const contacts = await findContacts(this.#rows, [...new Set(jids)]);
    return (target: Jid) =>
      [...addresses(identities.get(target)), target].map(contacts).find((contact) => contact !== undefined);
  }
}

function contactView(row: ContactRow): Contact {
  const { jid, lid, phone_number, full_name, first_name, push_name, business_name, updated_at } = row;
  return { jid, lid, phone_number, full_name, first_name, push_name, business_name, updated_at };
}

/** @param person `null` for an unregistered number */
function resolved(target: Jid, person: Person | null | undefined, contact: ContactRow | undefined): Resolved {
  const identity: Identity | undefined = person ? identityOf(person) : undefined;
  const names = { full_name: contact?.full_name ?? null, push_name: contact?.push_name ?? null };
  const isNamed = names.full_name !== null || names.push_name !== null;
  const isKnown = isLid(target) ? identity?.phone_number != null : identity !== undefined;
  return {
    found: isKnown || isNamed,
    jid: identity?.jid ?? null,
    lid: identity?.lid ?? null,
    phone_number: identity?.phone_number ?? null,
    ...names,
  };
}

function addresses(person: Person | null | undefined): Jid[] {
  return [person?.jid, person?.lid].filter((jid) => jid !== null && jid !== undefined);
}
