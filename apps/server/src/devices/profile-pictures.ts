import type { ProfilePicture, UnchangedProfilePicture } from "@wuts/contract";
import { Failure } from "../failures.ts";
import type { JidAliases } from "../storage/jid-aliases.ts";
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
import { readRegistration, registrationQuery } from "../whatsapp/registration-stanza.ts";
import type { Device } from "./device.ts";
import { Deadline, QueryQueue } from "./query-queue.ts";

export interface PictureOptions {
  readonly size: PictureSize;
  /** The id of a picture that the asker already has. */
  readonly knownId: string | undefined;
}

/** Looks profile pictures up through one device. */
export class ProfilePictures {
  readonly #device: Device;
  readonly #aliases: JidAliases;
  readonly #timeoutMs: number;
  readonly #queue: QueryQueue;

  constructor(
    device: Device,
    aliases: JidAliases,
    options: { concurrency: number; maxWaiting: number; timeoutMs: number },
  ) {
    this.#device = device;
    this.#aliases = aliases;
    this.#timeoutMs = options.timeoutMs;
    this.#queue = new QueryQueue(options);
  }

  /**
   * Asks WhatsApp for a picture.
   *
   * A phone number without a picture may not be registered, or be registered under another JID (Brazilian numbers with
   * and without the ninth digit): WhatsApp is asked once, and another JID is remembered.
   * @throws Failure as in the contract of `GET /contacts/profile-picture`
   */
  async find(target: Jid, options: PictureOptions): Promise<ProfilePicture | UnchangedProfilePicture> {
    this.#device.ready();
    const deadline = new Deadline(this.#timeoutMs);
    const actual = await this.#actualJid(target);
    const reply = await this.#ask(actual, options, deadline);
    if (reply.outcome !== "not-set" || !isPhoneNumberJid(target)) return answer(actual, options, reply);
    const registered = await this.#registeredJid(target, deadline);
    if (registered === actual) return answer(actual, options, reply);
    await this.#aliases.remember(target, registered);
    return answer(registered, options, await this.#ask(registered, options, deadline));
  }

  async #actualJid(target: Jid): Promise<Jid> {
    if (!isPhoneNumberJid(target)) return target;
    return parseJid((await this.#aliases.find(target)) ?? "") ?? target;
  }

  async #ask(target: Jid, options: PictureOptions, deadline: Deadline): Promise<PictureReply> {
    const { auth } = this.#device.ready();
    const query: PictureQuery = {
      target,
      ...options,
      privacyToken: await findPrivacyToken(auth.state, target, this.#device.ownJids),
    };
    const reply = await this.#send(pictureQuery(query), pictureKey("picture", query), deadline);
    const read = readReply(reply, query);
    // Communities refuse the usual query and answer this one.
    if (read.outcome !== "hidden" || !isGroup(target)) return read;
    const community = communityPictureQuery(query);
    const second = readReply(await this.#send(community, pictureKey("community", query), deadline), query);
    return second.outcome === "not-understood" ? read : second;
  }

  /** @returns the JID under which a number is registered @throws Failure NotOnWhatsApp */
  async #registeredJid(target: Jid, deadline: Deadline): Promise<Jid> {
    const digits = userOf(target);
    const { connection } = this.#device.ready();
    const stanza = registrationQuery(digits, connection.newId());
    const reply = await this.#send(stanza, `registration ${digits}`, deadline);
    if (reply.refused) throw refusal(reply.code);
    const registration = readRegistration(reply.node);
    if (registration.registered) return registration.jid;
    if (registration.registered === undefined) {
      throw new Failure("WhatsAppError", { cause: registration.why });
    }
    await this.#aliases.forget(target);
    throw new Failure("NotOnWhatsApp");
  }

  async #send(stanza: ReturnType<typeof pictureQuery>, key: string, deadline: Deadline): Promise<QueryReply> {
    try {
      return await this.#queue.run(key, deadline, (timeoutMs) =>
        this.#device.ready().connection.query(stanza, timeoutMs),
      );
    } catch (error) {
      // The connection ended under the query; the device knows when it will be back.
      throw error instanceof Failure && error.name === "DeviceNotReady" ? this.#device.notReady() : error;
    }
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

function refusal(code: number): Failure {
  return code === 429
    ? new Failure("WhatsAppRateLimited", { retryAfter: rateLimitSeconds })
    : new Failure("WhatsAppError", { cause: `error ${code}` });
}

/** WhatsApp does not say how long to wait after `rate-overlimit`. */
const rateLimitSeconds = 60;
