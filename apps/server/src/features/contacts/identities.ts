import type { Identity } from "@wuts/contract";
import { SecretUnreadable } from "../../storage/encryption/key-ring.ts";
import type { ContactRow } from "../../storage/schema/tables.ts";
import type { SignalKeyStore } from "../../whatsapp/protocol/baileys.ts";
import {
  isLid,
  isPhoneNumberJid,
  type Jid,
  type Person,
  parseJid,
  userOf,
} from "../../whatsapp/protocol/jid.ts";
import { storedLids, storedNumbers } from "../../whatsapp/protocol/lid-mapping.ts";
import type { ContactRepository } from "./contacts.repository.ts";
import type { KnownRegistration, Registrations } from "./numbers/registrations.repository.ts";

/**
 * Maps numbers to LIDs and back for one device, from stored data: contacts, Baileys' own pairs, and registrations. Does
 * not ask WhatsApp.
 *
 * A number may get another LID, for example when it is given to another person, and a LID may get another number. Old
 * pairs are never withdrawn: Baileys keeps them for good. So a number and a LID count as one person only if neither
 * belongs to another person by now.
 */
export class Identities {
  readonly #contacts: ContactRepository;
  readonly #registrations: Registrations;
  readonly #keys: Pick<SignalKeyStore, "get">;

  constructor(contacts: ContactRepository, registrations: Registrations, keys: Pick<SignalKeyStore, "get">) {
    this.#contacts = contacts;
    this.#registrations = registrations;
    this.#keys = keys;
  }

  /** @param targets JIDs by number, and LIDs @returns by JID, every target with its known number and LID */
  async known(targets: readonly Jid[]): Promise<ReadonlyMap<Jid, Person>> {
    const [numbers, lids] = [targets.filter(isPhoneNumberJid), targets.filter(isLid)];
    const registrations = await this.#registrations.findAll(numbers);
    const jidOf = (number: Jid) => parseJid(registrations.get(number)?.jid ?? "") ?? number;
    const reported = await this.#reported(numbers.map(jidOf), lids);
    const lidsOf = (number: Jid) => [...reported.lidsOf(jidOf(number)), ...lidIn(registrations.get(number))];
    const others = await this.#reported(lids.flatMap(reported.numbersOf), numbers.flatMap(lidsOf));
    const personOf = (target: Jid): Person => {
      if (isLid(target)) {
        const jid = reported.numbersOf(target).find((number) => isFirst(target, others.lidsOf(number)));
        return { jid: jid ?? null, lid: target };
      }
      const jid = jidOf(target);
      return { jid, lid: lidsOf(target).find((lid) => isFirst(jid, others.numbersOf(lid))) ?? null };
    };
    return new Map(targets.map((target) => [target, personOf(target)]));
  }

  /** Adds known numbers and LIDs to those that WhatsApp sent. */
  async complete(identities: readonly Person[]): Promise<Person[]> {
    const known = await this.known(identities.map((person) => person.jid ?? person.lid));
    return identities.map((person): Person => {
      if (person.jid === null) return { jid: known.get(person.lid)?.jid ?? null, lid: person.lid };
      return { jid: person.jid, lid: person.lid ?? known.get(person.jid)?.lid ?? null };
    });
  }

  /** As `complete`, for one person. */
  async completeOne(person: Person): Promise<Person> {
    const [completed = person] = await this.complete([person]);
    return completed;
  }

  /**
   * Collects stored pairs, the most reliable source first: contacts have received all updates, in order; a registration
   * is known to come from a query to WhatsApp; Baileys does not say when it received its pairs.
   */
  async #reported(jids: readonly Jid[], lids: readonly Jid[]): Promise<Reported> {
    if (jids.length + lids.length === 0) return { lidsOf: () => [], numbersOf: () => [] };
    const contacts = await findContacts(this.#contacts, [...new Set([...jids, ...lids])]);
    const registrations = await this.#registrations.findAll(jids);
    const registeredNumbers = await this.#registrations.findByLids(lids);
    const pairs = await this.#pairsOfBaileys(jids, lids);
    return {
      lidsOf: (jid) =>
        [
          ...parsed(contacts(jid)?.lid),
          ...lidIn(registrations.get(jid)),
          ...parsed(pairs.lids.get(jid)),
        ].filter(isLid),
      numbersOf: (lid) =>
        [
          ...parsed(contacts(lid)?.jid),
          ...parsed(registeredNumbers.get(lid)),
          ...parsed(pairs.numbers.get(lid)),
        ].filter(isPhoneNumberJid),
    };
  }

  async #pairsOfBaileys(jids: readonly Jid[], lids: readonly Jid[]) {
    const stored = { keys: this.#keys };
    try {
      return { lids: await storedLids(stored, jids), numbers: await storedNumbers(stored, lids) };
    } catch (error) {
      // The log tells the operator about unreadable keys; without the keys fewer pairs are known.
      if (!(error instanceof SecretUnreadable)) throw error;
      return { lids: new Map<Jid, Jid>(), numbers: new Map<Jid, Jid>() };
    }
  }
}

/** Known pairs of numbers and LIDs, the most reliable first. */
interface Reported {
  lidsOf(jid: Jid): Jid[];
  numbersOf(lid: Jid): Jid[];
}

/** @returns whether no more reliable source contradicts `jid` in the opposite direction */
function isFirst(jid: Jid, reported: readonly Jid[]): boolean {
  const [first = jid] = reported;
  return first === jid;
}

function lidIn(registration: KnownRegistration | undefined): Jid[] {
  return parsed(registration?.lid);
}

function parsed(address: string | null | undefined): Jid[] {
  return [parseJid(address ?? "")].filter((jid) => jid !== undefined);
}

/** @returns the person as the contract has them: named by number where that is known */
export function identityOf(person: Person): Identity {
  if (person.jid === null) return { jid: person.lid, lid: person.lid, phone_number: null };
  return { jid: person.jid, lid: person.lid, phone_number: userOf(person.jid) };
}

/** @returns a function that finds the contact with a JID or a LID */
export async function findContacts(
  contacts: ContactRepository,
  jids: readonly Jid[],
): Promise<(jid: Jid) => ContactRow | undefined> {
  const rows = await contacts.find(jids);
  const byAddress = new Map(
    rows.flatMap((row) => [[row.jid, row], ...(row.lid === null ? [] : [[row.lid, row] as const])] as const),
  );
  return (jid) => byAddress.get(jid);
}
