import type { BusinessProfile, ContactProfile } from "@wuts/contract";
import type { Deadline } from "../../../kernel/concurrency/query-queue.ts";
import { Failure } from "../../../kernel/failures.ts";
import type { Device } from "../../../sessions/device.ts";
import { type QueryClient, refusal } from "../../../sessions/query-client.ts";
import { isPhoneNumberJid, type Jid, userOf } from "../../../whatsapp/protocol/jid.ts";
import { type Identities, identityOf } from "../identities.ts";
import type { Registrations } from "../numbers/registrations.repository.ts";
import { businessProfileQuery, readBusinessProfile } from "./business-stanza.ts";
import { deviceJid, type FoundProfile, profileQuery, readProfile } from "./profile-stanza.ts";

/** Dependencies of profile look-ups. */
export interface ContactProfilesParts {
  readonly device: Device;
  readonly queries: QueryClient;
  readonly registrations: Registrations;
  readonly identities: Identities;
  /** @returns the id of the picture that WhatsApp shows for the account now; `null`: none */
  readonly pictureIdOf: (target: Jid) => Promise<string | null>;
}

/** Looks up profiles of contacts through one device. */
export class ContactProfiles {
  readonly #device: Device;
  readonly #queries: QueryClient;
  readonly #registrations: Registrations;
  readonly #identities: Identities;
  readonly #pictureIdOf: ContactProfilesParts["pictureIdOf"];

  constructor({ device, queries, registrations, identities, pictureIdOf }: ContactProfilesParts) {
    this.#device = device;
    this.#queries = queries;
    this.#registrations = registrations;
    this.#identities = identities;
    this.#pictureIdOf = pictureIdOf;
  }

  /**
   * Fetches a contact's profile from WhatsApp: one query, and a second one for a business.
   * @param target the JID of a person, or a LID
   * @throws Failure as in the contract of `GET /contacts/profile`
   */
  async find(target: Jid): Promise<ContactProfile> {
    this.#device.ready();
    const deadline = this.#queries.newDeadline();
    const found = (await this.#findOwn(target)) ?? (await this.#ask(target, deadline));
    const person = await this.#identities.completeOne(found.person);
    const owner = person.jid ?? target;
    return {
      ...identityOf(person),
      about: found.about,
      about_set_at: found.aboutSetAt?.toISOString() ?? null,
      picture_id: found.pictureId,
      devices: found.devices.map((device) => deviceJid(owner, device)),
      business_name: found.verifiedName,
      business_profile: found.isBusiness ? await this.#askBusiness(owner, deadline) : null,
    };
  }

  /**
   * Finds the profile of the device's own account. WhatsApp does not know the account's own number in the query for
   * contacts. The about text, the verified name and the other devices of the own account are not known.
   */
  async #findOwn(target: Jid): Promise<FoundProfile | undefined> {
    const person = this.#device.asOwn(target);
    if (!person) return undefined;
    const account = this.#device.ready().auth.account();
    const ids = [0, account?.deviceId ?? 0];
    return {
      person,
      about: null,
      aboutSetAt: null,
      pictureId: await this.#pictureIdOf(person.jid ?? target),
      devices: [...new Set(ids)].map((id) => ({ id, isHosted: false })),
      verifiedName: null,
      isBusiness: account?.isBusiness === true,
    };
  }

  async #ask(target: Jid, deadline: Deadline): Promise<FoundProfile> {
    const asked = isPhoneNumberJid(target) ? { number: userOf(target) } : { jid: target };
    const query = profileQuery(asked, this.#queries.newId());
    const reply = readProfile(await this.#queries.ask(query, `profile ${target}`, deadline), asked);
    switch (reply.outcome) {
      case "found": {
        const { jid, lid } = reply.profile.person;
        if (jid !== null)
          await this.#registrations.remember({ askedJid: "number" in asked ? target : jid, jid, lid });
        return reply.profile;
      }
      case "not-registered":
        await this.#registrations.forget(target);
        throw new Failure("NotOnWhatsApp");
      case "refused":
        throw refusal(reply.code);
      case "not-understood":
        throw new Failure("WhatsAppError", { cause: reply.why });
    }
  }

  async #askBusiness(jid: Jid, deadline: Deadline): Promise<BusinessProfile | null> {
    const reply = await this.#queries.ask(businessProfileQuery(jid), `business ${jid}`, deadline);
    const profile = readBusinessProfile(reply, jid);
    if (profile !== undefined) return profile;
    throw new Failure("WhatsAppError", { cause: "an answer without the business that was asked about" });
  }
}
