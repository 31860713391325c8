import type { ProfilePicture, UnchangedProfilePicture } from "@wuts/contract";
import { Failure } from "../failures.ts";
import type { Registrations } from "../storage/registrations.ts";
import type { QueryReply } from "../whatsapp/connection.ts";
import { isGroup, isPhoneNumberJid, type Jid, parseJid, userOf } from "../whatsapp/jid.ts";
import {
  communityPictureQuery,
  type PictureQuery,
  type PictureReply,
  type PictureSize,
  pictureQuery,
  readPictureError,
  readPictureReply,
} from "../whatsapp/picture-stanza.ts";
import { findPrivacyToken } from "../whatsapp/privacy-token.ts";
import { readRegistrations, registrationQuery } from "../whatsapp/registration-stanza.ts";
import type { Device } from "./device.ts";
import { type Queries, refusal } from "./queries.ts";
import type { Deadline } from "./query-queue.ts";
import { isFresh, toldIn } from "./registered-numbers.ts";

export interface PictureOptions {
  readonly size: PictureSize;
  /** The id of a picture that the asker already has. */
  readonly knownId: string | undefined;
}

/** Looks profile pictures up through one device. */
export class ProfilePictures {
  readonly #device: Device;
  readonly #queries: Queries;
  readonly #registrations: Registrations;

  constructor(device: Device, queries: Queries, registrations: Registrations) {
    this.#device = device;
    this.#queries = queries;
    this.#registrations = registrations;
  }

  /**
   * Asks WhatsApp for a picture.
   *
   * A phone number without a picture may not be registered, or be registered under another JID (Brazilian numbers with
   * and without the ninth digit): WhatsApp is asked, and what it says is remembered for a day.
   * @throws Failure as in the contract of `GET /contacts/profile-picture`
   */
  async find(target: Jid, options: PictureOptions): Promise<ProfilePicture | UnchangedProfilePicture> {
    this.#device.ready();
    const deadline = this.#queries.newDeadline();
    const known = isPhoneNumberJid(target) ? await this.#registrations.find(target) : undefined;
    const jid = parseJid(known?.jid ?? "") ?? target;
    const reply = await this.#ask(jid, options, deadline);
    const isChecked = known !== undefined && isFresh(known);
    if (reply.outcome !== "not-set" || !isPhoneNumberJid(target) || isChecked)
      return answer(jid, options, reply);
    const registered = await this.#registeredJid(target, deadline);
    await this.#registrations.remember({ askedJid: target, jid: registered, lid: null });
    if (registered === jid) return answer(jid, options, reply);
    return answer(registered, options, await this.#ask(registered, options, deadline));
  }

  async #ask(target: Jid, options: PictureOptions, deadline: Deadline): Promise<PictureReply> {
    const { auth } = this.#device.ready();
    const query: PictureQuery = {
      target,
      ...options,
      privacyToken: await findPrivacyToken(auth.state, target, this.#device.ownJids),
    };
    const reply = await this.#queries.send(pictureQuery(query), pictureKey("picture", query), deadline);
    const read = readReply(reply, query);
    // Communities refuse the usual query and answer this one.
    if (read.outcome !== "hidden" || !isGroup(target)) return read;
    const community = communityPictureQuery(query);
    const second = readReply(
      await this.#queries.send(community, pictureKey("community", query), deadline),
      query,
    );
    return second.outcome === "not-understood" ? read : second;
  }

  /** @returns the JID under which a number is registered @throws Failure NotOnWhatsApp */
  async #registeredJid(target: Jid, deadline: Deadline): Promise<Jid> {
    const digits = userOf(target);
    const stanza = registrationQuery(digits, this.#queries.newId());
    const reply = await this.#queries.ask(stanza, `registration ${digits}`, deadline);
    const registered = toldIn(readRegistrations(reply, [digits])).get(digits);
    if (registered) return registered.jid;
    await this.#registrations.forget(target);
    throw new Failure("NotOnWhatsApp");
  }
}

function pictureKey(form: "picture" | "community", { target, size, knownId = "" }: PictureQuery): string {
  return `${form} ${target} ${size} ${knownId}`;
}

function readReply(reply: QueryReply, query: PictureQuery): PictureReply {
  return reply.refused ? readPictureError(reply.code) : readPictureReply(reply.node, query);
}

function answer(
  jid: Jid,
  { size, knownId }: PictureOptions,
  reply: PictureReply,
): ProfilePicture | UnchangedProfilePicture {
  switch (reply.outcome) {
    case "found": {
      const { picture } = reply;
      // WhatsApp may send the whole picture although it is the one that is known.
      if (picture.id === knownId) return unchanged(jid, knownId, picture.size);
      return {
        jid,
        url: picture.url,
        id: picture.id,
        type: picture.size,
        direct_path: picture.directPath,
        expires_at: picture.expiresAt?.toISOString() ?? null,
        unchanged: false,
      };
    }
    case "unchanged":
      if (knownId !== undefined) return unchanged(jid, knownId, size);
      throw new Failure("WhatsAppError", { cause: "unchanged, but no id was sent" });
    case "not-set":
      throw new Failure("PictureNotSet");
    case "hidden":
      throw new Failure("PictureHidden");
    case "rate-limited":
      throw refusal(429);
    case "not-understood":
      throw new Failure("WhatsAppError", { cause: reply.why });
  }
}

function unchanged(jid: Jid, id: string, type: PictureSize): UnchangedProfilePicture {
  return { jid, url: null, id, type, direct_path: null, expires_at: null, unchanged: true };
}
