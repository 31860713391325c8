import { Allowance } from "../../../kernel/concurrency/allowance.ts";
import type { Deadline } from "../../../kernel/concurrency/query-queue.ts";
import { Failure } from "../../../kernel/failures.ts";
import type { Device } from "../../../sessions/device.ts";
import { type QueryClient, refusal } from "../../../sessions/query-client.ts";
import { isLid, type Jid, jidOfPhoneNumber, parseJid } from "../../../whatsapp/protocol/jid.ts";
import type { Identities } from "../identities.ts";
import {
  type Registered,
  type RegistrationReply,
  readRegistrations,
  registrationsQuery,
} from "./registration-stanza.ts";
import type { KnownRegistration, Registrations } from "./registrations.repository.ts";

/** The results for the requested numbers; a number in neither map is not on WhatsApp. */
export interface FoundNumbers {
  readonly registered: ReadonlyMap<string, Registered>;
  /** Numbers for which WhatsApp gave no result, and why. */
  readonly refused: ReadonlyMap<string, Failure>;
}

/** Dependencies of number look-ups. */
export interface RegisteredNumbersParts {
  readonly device: Device;
  readonly queries: QueryClient;
  readonly registrations: Registrations;
  readonly identities: Identities;
  /** The rate limit of numbers checked with WhatsApp, per minute; 0 means no limit. */
  readonly checksPerMinute: number;
}

/** Finds out which numbers are on WhatsApp, and under which JID and LID. */
export class RegisteredNumbers {
  readonly #device: Device;
  readonly #queries: QueryClient;
  readonly #registrations: Registrations;
  readonly #identities: Identities;
  readonly #allowance: Allowance;
  /** Unregistered numbers and when WhatsApp said so, the oldest first. */
  readonly #absent = new Map<string, number>();

  constructor({ device, queries, registrations, identities, checksPerMinute }: RegisteredNumbersParts) {
    this.#device = device;
    this.#queries = queries;
    this.#registrations = registrations;
    this.#identities = identities;
    this.#allowance = new Allowance(checksPerMinute);
  }

  /**
   * Finds numbers: from WhatsApp's results of the last day, else by queries to WhatsApp, in batches, one after the other.
   * Results are cached. The device's own number counts as registered: WhatsApp does not say so in a reply.
   * @param numbers digits; each is queried once
   * @param deadline for all of them; without it, each query has its own
   * @param refresh whether to query WhatsApp in any case
   * @returns by number
   * @throws Failure DeviceNotPaired, DeviceNotReady, DeviceBusy, WhatsAppRateLimited, WhatsAppError, WhatsAppTimeout
   */
  async find(numbers: readonly string[], deadline?: Deadline, refresh = false): Promise<FoundNumbers> {
    this.#device.ready();
    const wanted = [...new Set(numbers)];
    const found = new Map(refresh ? [] : await this.#cached(wanted));
    for (const number of wanted) {
      const own = this.#own(number);
      if (own) found.set(number, own);
    }
    const open = wanted.filter((number) => !found.has(number) && !this.#isAbsent(number));
    const refused = new Map<string, Failure>();
    if (open.length > 0) this.#allowance.take(open.length);
    for (let start = 0; start < open.length; start += batchSize) {
      const batch = open.slice(start, start + batchSize);
      const answered = await this.#ask(batch, deadline ?? this.#queries.newDeadline());
      for (const [number, registered] of answered.registered) found.set(number, registered);
      for (const [number, failure] of answered.refused) refused.set(number, failure);
    }
    return { registered: await this.#withKnownLids(found), refused };
  }

  /** @returns by number, the cached results that are fresh and that no later update contradicts */
  async #cached(numbers: readonly string[]): Promise<ReadonlyMap<string, Registered>> {
    const remembered = await this.#registrations.findAll(numbers.map(jidOfPhoneNumber));
    const fresh = numbers.flatMap((number): [string, Registered][] => {
      const known = remembered.get(jidOfPhoneNumber(number));
      const registered = known && isFresh(known) ? readKnown(known) : undefined;
      return registered ? [[number, registered]] : [];
    });
    const heard = await this.#identities.known(fresh.map(([, { jid }]) => jid));
    return new Map(fresh.filter(([, { jid, lid }]) => heard.get(jid)?.lid === lid));
  }

  /** @returns the registration of a number @throws Failure NotOnWhatsApp, and as `find` */
  async require(number: string, deadline: Deadline): Promise<Registered> {
    const { registered, refused } = await this.find([number], deadline);
    const found = registered.get(number);
    if (!found) throw refused.get(number) ?? new Failure("NotOnWhatsApp");
    return found;
  }

  #own(number: string): Registered | undefined {
    const own = this.#device.asOwn(jidOfPhoneNumber(number));
    return own?.jid ? { jid: own.jid, lid: own.lid } : undefined;
  }

  #isAbsent(number: string): boolean {
    const longAgo = performance.now() - absentLastsMs;
    for (const [each, reportedAt] of this.#absent) {
      if (reportedAt > longAgo && this.#absent.size <= mostAbsent) break;
      this.#absent.delete(each);
    }
    const reportedAt = this.#absent.get(number);
    return reportedAt !== undefined && reportedAt > longAgo;
  }

  async #ask(numbers: readonly string[], deadline: Deadline): Promise<FoundNumbers> {
    const query = registrationsQuery(numbers, this.#queries.newId());
    const { registered, unregisteredNumbers, refused } = await this.#allowance.run(async () => {
      const reply = await this.#queries.ask(query, `registrations ${numbers.join()}`, deadline);
      return fromReply(readRegistrations(reply, numbers));
    });
    const failures = new Map([...refused].map(([number, code]) => [number, refusal(code)] as const));
    if ([...failures.values()].some(({ name }) => name === "WhatsAppRateLimited")) this.#allowance.backOff();
    else this.#allowance.resetBackoff();
    const isThere = [...registered];
    const isNot = numbers.filter((number) => !registered.has(number) && !refused.has(number));
    await this.#registrations.remember(
      // A number that came back in another form is stored in both forms.
      ...isThere.flatMap(([number, { jid, lid }]) =>
        [jidOfPhoneNumber(number), jid].map((askedJid) => ({ askedJid, jid, lid })),
      ),
    );
    await this.#registrations.forget(...isNot.map(jidOfPhoneNumber));
    const now = performance.now();
    for (const number of unregisteredNumbers) {
      this.#absent.delete(number);
      this.#absent.set(number, now);
    }
    return { registered, refused: failures };
  }

  /** Adds LIDs that WhatsApp did not send but that are known, for example from a message. */
  async #withKnownLids(found: ReadonlyMap<string, Registered>): Promise<ReadonlyMap<string, Registered>> {
    const without = [...found.values()].filter(({ lid }) => lid === null);
    if (without.length === 0) return found;
    const known = await this.#identities.known(without.map(({ jid }) => jid));
    return new Map(
      [...found].map(([number, { jid, lid }]) => [number, { jid, lid: lid ?? known.get(jid)?.lid ?? null }]),
    );
  }
}

/** @returns registered numbers, and those without a result @throws Failure WhatsAppRateLimited, WhatsAppError */
export function fromReply(reply: RegistrationReply): Extract<RegistrationReply, { outcome: "told" }> {
  switch (reply.outcome) {
    case "told":
      return reply;
    case "refused":
      throw refusal(reply.code);
    case "not-understood":
      throw new Failure("WhatsAppError", { cause: reply.why });
  }
}

/** Numbers change hands rarely; WhatsApp bans accounts that query every registration again and again. */
export function isFresh({ checkedAt }: KnownRegistration): boolean {
  return Date.now() - checkedAt.getTime() < registrationLastsMs;
}

const registrationLastsMs = 24 * 60 * 60 * 1000;

/** An unregistered number may register at any time. */
const absentLastsMs = 15 * 60 * 1000;

/** The most unregistered numbers in the cache. */
const mostAbsent = 10_000;

/**
 * whatsmeow and Baileys rc14 send all numbers in one query, but their users do not query hundreds at once; in the past,
 * replies for more than 100 numbers were wrong (WhatsAPI #452).
 */
const batchSize = 50;

/** Reads a cached registration; one without a LID is queried again. */
function readKnown({ jid, lid }: KnownRegistration): Registered | undefined {
  const [knownJid, knownLid]: (Jid | undefined)[] = [parseJid(jid), parseJid(lid ?? "")];
  return knownJid && knownLid && isLid(knownLid) ? { jid: knownJid, lid: knownLid } : undefined;
}
