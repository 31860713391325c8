import type { Identity } from "@wuts/contract";
import type { ContactRows } from "../storage/contacts.ts";
import { SecretUnreadable } from "../storage/key-ring.ts";
import type { Registrations } from "../storage/registrations.ts";
import type { ContactRow } from "../storage/tables.ts";
import type { SignalKeyStore } from "../whatsapp/baileys.ts";
import { isLid, isPhoneNumberJid, type Jid, type Person, parseJid, userOf } from "../whatsapp/jid.ts";
import { storedLids, storedNumbers } from "../whatsapp/lid-mapping.ts";

/**
 * Who is who for one device: what is stored of what sockets told, of what Baileys keeps, and of registrations. WhatsApp is
 * not asked.
 */
export class Identities {
  readonly #contacts: ContactRows;
  readonly #registrations: Registrations;
  readonly #keys: Pick<SignalKeyStore, "get">;

  constructor(contacts: ContactRows, registrations: Registrations, keys: Pick<SignalKeyStore, "get">) {
    this.#contacts = contacts;
    this.#registrations = registrations;
    this.#keys = keys;
  }

  /** @param targets JIDs by number, and LIDs @returns by JID, everybody, with what is known of them */
  async known(targets: readonly Jid[]): Promise<ReadonlyMap<Jid, Person>> {
    const [numbers, lids] = [targets.filter(isPhoneNumberJid), targets.filter(isLid)];
    const registrations = await this.#registrations.findAll(numbers);
    const registeredNumbers = await this.#registrations.findByLids(lids);
    const aliases = new Map(
      numbers.map((number) => [number, parseJid(registrations.get(number)?.jid ?? "") ?? number]),
    );
    const pairs = await this.#pairsOfBaileys([...aliases.values()], lids);
    const contacts = await findContacts(this.#contacts, [...aliases.values(), ...lids]);
    const personOf = (target: Jid): Person => {
      if (isLid(target)) {
        const jid = jidByNumber(contacts(target)) ?? pairs.numbers.get(target);
        return { jid: jid ?? parseJid(registeredNumbers.get(target) ?? "") ?? null, lid: target };
      }
      const jid = aliases.get(target) ?? target;
      const lid = parseJid(contacts(jid)?.lid ?? "") ?? pairs.lids.get(jid);
      return { jid, lid: lid ?? parseJid(registrations.get(target)?.lid ?? "") ?? null };
    };
    return new Map(targets.map((target) => [target, personOf(target)]));
  }

  /** Adds numbers and LIDs where they are known, to what WhatsApp told. */
  async complete(people: readonly Person[]): Promise<Person[]> {
    const known = await this.known(people.map((person) => person.jid ?? person.lid));
    return people.map((person): Person => {
      if (person.jid === null) return { jid: known.get(person.lid)?.jid ?? null, lid: person.lid };
      return { jid: person.jid, lid: person.lid ?? known.get(person.jid)?.lid ?? null };
    });
  }

  /** As `complete`, for one person. */
  async completeOne(person: Person): Promise<Person> {
    const [completed = person] = await this.complete([person]);
    return completed;
  }

  async #pairsOfBaileys(jids: readonly Jid[], lids: readonly Jid[]) {
    const stored = { keys: this.#keys };
    try {
      return { lids: await storedLids(stored, jids), numbers: await storedNumbers(stored, lids) };
    } catch (error) {
      // Whoever holds the keys hears of it in the log; without them there is less to know.
      if (!(error instanceof SecretUnreadable)) throw error;
      return { lids: new Map<Jid, Jid>(), numbers: new Map<Jid, Jid>() };
    }
  }
}

/** @returns the person as the contract has them: named by number where that is known */
export function identityOf(person: Person): Identity {
  if (person.jid === null) return { jid: person.lid, lid: person.lid, phone_number: null };
  return { jid: person.jid, lid: person.lid, phone_number: userOf(person.jid) };
}

/** @returns what gives the contact that has a JID or a LID */
export async function findContacts(
  contacts: ContactRows,
  jids: readonly Jid[],
): Promise<(jid: Jid) => ContactRow | undefined> {
  const rows = await contacts.find(jids);
  const byAddress = new Map(
    rows.flatMap((row) => [[row.jid, row], ...(row.lid === null ? [] : [[row.lid, row] as const])] as const),
  );
  return (jid) => byAddress.get(jid);
}

function jidByNumber(contact: ContactRow | undefined): Jid | undefined {
  const jid = parseJid(contact?.jid ?? "");
  return jid && isPhoneNumberJid(jid) ? jid : undefined;
}
