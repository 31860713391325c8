import { Failure } from "../failures.ts";
import type { KnownRegistration, Registrations } from "../storage/registrations.ts";
import { isLid, type Jid, jidOfPhoneNumber, parseJid } from "../whatsapp/jid.ts";
import { storedLids } from "../whatsapp/lid-mapping.ts";
import {
  type Registered,
  type RegistrationReply,
  readRegistrations,
  registrationsQuery,
} from "../whatsapp/registration-stanza.ts";
import type { Device } from "./device.ts";
import { type Queries, refusal } from "./queries.ts";
import type { Deadline } from "./query-queue.ts";

/** Which numbers are on WhatsApp, and under which JID and LID. */
export class RegisteredNumbers {
  readonly #device: Device;
  readonly #queries: Queries;
  readonly #registrations: Registrations;

  constructor(device: Device, queries: Queries, registrations: Registrations) {
    this.#device = device;
    this.#queries = queries;
    this.#registrations = registrations;
  }

  /**
   * Finds numbers: in what WhatsApp said of them in the last day, else by asking WhatsApp, some at a time and one question
   * after the other. What it says is remembered.
   * @param numbers digits; each is asked for once
   * @param deadline for all of them; each question has its own unless there is one
   * @returns by number, those that are registered
   * @throws Failure DeviceNotPaired, DeviceNotReady, DeviceBusy, WhatsAppRateLimited, WhatsAppError, WhatsAppTimeout
   */
  async find(numbers: readonly string[], deadline?: Deadline): Promise<ReadonlyMap<string, Registered>> {
    this.#device.ready();
    const wanted = [...new Set(numbers)];
    const remembered = await this.#registrations.findAll(wanted.map(jidOfPhoneNumber));
    const found = new Map<string, Registered>();
    for (const number of wanted) {
      const known = remembered.get(jidOfPhoneNumber(number));
      const registered = known && isFresh(known) ? readKnown(known) : undefined;
      if (registered) found.set(number, registered);
    }
    const open = wanted.filter((number) => !found.has(number));
    for (let start = 0; start < open.length; start += mostAtOnce) {
      const batch = open.slice(start, start + mostAtOnce);
      const answered = await this.#ask(batch, deadline ?? this.#queries.newDeadline());
      for (const [number, registered] of answered) found.set(number, registered);
    }
    return this.#withStoredLids(found);
  }

  /** @returns under what a number is registered @throws Failure NotOnWhatsApp, and as `find` */
  async require(number: string, deadline: Deadline): Promise<Registered> {
    const registered = (await this.find([number], deadline)).get(number);
    if (!registered) throw new Failure("NotOnWhatsApp");
    return registered;
  }

  async #ask(numbers: readonly string[], deadline: Deadline): Promise<ReadonlyMap<string, Registered>> {
    const query = registrationsQuery(numbers, this.#queries.newId());
    const reply = await this.#queries.ask(query, `registrations ${numbers.join()}`, deadline);
    const registered = toldIn(readRegistrations(reply, numbers));
    const [isThere, isNot] = [[...registered], numbers.filter((number) => !registered.has(number))];
    await this.#registrations.remember(
      // A number that answered in another form is known in both.
      ...isThere.flatMap(([number, { jid, lid }]) =>
        [jidOfPhoneNumber(number), jid].map((askedJid) => ({ askedJid, jid, lid })),
      ),
    );
    await this.#registrations.forget(...isNot.map(jidOfPhoneNumber));
    return registered;
  }

  /** What WhatsApp does not tell of a person, a message may have told. */
  async #withStoredLids(found: ReadonlyMap<string, Registered>): Promise<ReadonlyMap<string, Registered>> {
    const without = [...found.values()].filter(({ lid }) => lid === null);
    if (without.length === 0) return found;
    const lids = await storedLids(
      this.#device.ready().auth.state,
      without.map(({ jid }) => jid),
    );
    return new Map(
      [...found].map(([number, { jid, lid }]) => [number, { jid, lid: lid ?? lids.get(jid) ?? null }]),
    );
  }
}

/** @returns who is registered @throws Failure WhatsAppRateLimited, WhatsAppError */
export function toldIn(reply: RegistrationReply): ReadonlyMap<string, Registered> {
  switch (reply.outcome) {
    case "told":
      return reply.registered;
    case "refused":
      throw refusal(reply.code);
    case "not-understood":
      throw new Failure("WhatsAppError", { cause: reply.why });
  }
}

/** Numbers change hands rarely; asking for the registration of each at every turn is what WhatsApp bans for. */
export function isFresh({ checkedAt }: KnownRegistration): boolean {
  return Date.now() - checkedAt.getTime() < registrationLastsMs;
}

const registrationLastsMs = 24 * 60 * 60 * 1000;

/**
 * whatsmeow and Baileys rc14 send all numbers in one query, but nobody asks them for hundreds; of old, answers beyond 100
 * numbers were wrong (WhatsAPI #452).
 */
const mostAtOnce = 50;

/** Whose LID is not known is asked for again. */
function readKnown({ jid, lid }: KnownRegistration): Registered | undefined {
  const [knownJid, knownLid]: (Jid | undefined)[] = [parseJid(jid), parseJid(lid ?? "")];
  return knownJid && knownLid && isLid(knownLid) ? { jid: knownJid, lid: knownLid } : undefined;
}
