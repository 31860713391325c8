import type { ProfilePicture, UnchangedProfilePicture } from "@wuts/contract";
import { Allowance } from "../../kernel/concurrency/allowance.ts";
import type { Deadline } from "../../kernel/concurrency/query-queue.ts";
import { Failure } from "../../kernel/failures.ts";
import type { Device } from "../../sessions/device.ts";
import { type QueryClient, refusal } from "../../sessions/query-client.ts";
import { isGroup, isPhoneNumberJid, type Jid, parseJid, userOf } from "../../whatsapp/protocol/jid.ts";
import { findPrivacyToken } from "../../whatsapp/protocol/privacy-token.ts";
import type { QueryReply } from "../../whatsapp/socket/connection.ts";
import { fromReply, isFresh } from "../contacts/numbers/registered-numbers.ts";
import { readRegistrations, registrationQuery } from "../contacts/numbers/registration-stanza.ts";
import type { Registrations } from "../contacts/numbers/registrations.repository.ts";
import type { CachedPicture, PictureCache, PictureRequest } from "./cache/picture-cache.ts";
import {
  communityPictureQuery,
  type PictureQuery,
  type PictureReply,
  pictureQuery,
  readPictureError,
  readPictureReply,
} from "./picture-stanza.ts";

export interface PictureOptions extends PictureRequest {
  /** Whether to bypass the cache and ask WhatsApp. */
  readonly noCache: boolean;
  /** Whether the caller spreads its queries itself: then they do not count against those of the minute. */
  readonly isPaced?: boolean;
}

export interface ProfilePicturesParts {
  readonly device: Device;
  readonly queries: QueryClient;
  readonly registrations: Registrations;
  readonly cache: PictureCache;
  /** How many pictures of contacts WhatsApp is asked for in a minute, besides those that are paced; 0 means no limit. */
  readonly perMinute: number;
}

/** A picture, or the failure that explains why there is none. */
export type PictureOutcome = ProfilePicture | Failure;

/** Looks up profile pictures through one device. */
export class ProfilePictures {
  readonly #device: Device;
  readonly #queries: QueryClient;
  readonly #registrations: Registrations;
  readonly #cache: PictureCache;
  readonly #allowance: Allowance;

  constructor({ device, queries, registrations, cache, perMinute }: ProfilePicturesParts) {
    this.#device = device;
    this.#queries = queries;
    this.#registrations = registrations;
    this.#cache = cache;
    this.#allowance = new Allowance(perMinute);
  }

  /**
   * Finds a picture in the cache, or asks WhatsApp for it.
   *
   * A phone number without a picture may not be registered, or be registered under another JID (Brazilian numbers with
   * and without the ninth digit): WhatsApp is asked, and its reply is cached for a day.
   * @throws Failure as in the contract of `GET /contacts/profile-picture`
   */
  async find(target: Jid, options: PictureOptions): Promise<ProfilePicture | UnchangedProfilePicture> {
    const cached = (await this.#readCache([target], options)).get(target);
    const outcome = answer(cached ?? (await this.#fetch(target, options)), options);
    if (outcome instanceof Failure) throw outcome;
    return outcome;
  }

  /**
   * @returns the id of the picture that WhatsApp shows now; `null`: none is set, or none is visible
   * @throws Failure as `find`
   */
  async idOf(target: Jid): Promise<string | null> {
    try {
      return (await this.find(target, { size: "preview", knownId: undefined, noCache: true })).picture_id;
    } catch (error) {
      if (error instanceof Failure && (error.name === "PictureNotSet" || error.name === "PictureHidden"))
        return null;
      throw error;
    }
  }

  /** @returns the cached outcomes, for which WhatsApp need not be asked @throws Failure DeviceNotPaired, DeviceNotReady */
  async cached(
    targets: readonly Jid[],
    options: Omit<PictureOptions, "knownId">,
  ): Promise<ReadonlyMap<Jid, PictureOutcome>> {
    const asked = { ...options, knownId: undefined };
    const found = new Map<Jid, PictureOutcome>();
    for (const [target, reported] of await this.#readCache(targets, asked)) {
      const outcome = answer(reported, asked);
      if (outcome instanceof Failure || !outcome.unchanged) found.set(target, outcome);
    }
    return found;
  }

  /** Invalidates the cached reply when a picture is not at its URL: the next request asks WhatsApp. */
  async invalidate(target: Jid): Promise<void> {
    await this.#cache.invalidate(target);
  }

  async #readCache(
    targets: readonly Jid[],
    options: PictureOptions,
  ): Promise<ReadonlyMap<Jid, CachedPicture>> {
    const { connection } = this.#device.ready();
    // WhatsApp may still have to send changes from the time when the device was offline.
    return options.noCache || !connection.isUpToDate ? new Map() : this.#cache.find(targets, options);
  }

  async #fetch(target: Jid, options: PictureOptions): Promise<CachedPicture> {
    // WhatsApp bans accounts that look through many strangers' pictures; groups are the account's own.
    if (!options.isPaced && !isGroup(target)) this.#allowance.take(1);
    const { generation: moment } = this.#cache;
    const asking = () => this.#askAbout(target, { ...options, generation: moment });
    const reported = await this.#allowance.run(asking);
    if (reported.reply.outcome === "rate-limited") this.#allowance.backOff();
    else this.#allowance.resetBackoff();
    await this.#cache.remember(moment, target, options, reported);
    return reported;
  }

  async #askAbout(target: Jid, question: CachedQuery): Promise<CachedPicture> {
    const deadline = this.#queries.newDeadline();
    const known = isPhoneNumberJid(target) ? await this.#registrations.find(target) : undefined;
    const jid = parseJid(known?.jid ?? "") ?? target;
    const reply = await this.#ask(jid, question, deadline);
    const isChecked = known !== undefined && isFresh(known);
    if (reply.outcome !== "not-set" || !isPhoneNumberJid(target) || isChecked) return { jid, reply };
    // WhatsApp does not report the own account as registered.
    if (this.#device.asOwn(target)) return { jid, reply };
    const registered = await this.#registeredJid(target, deadline);
    if (!registered) return { jid, reply: { outcome: "not-on-whatsapp" } };
    await this.#registrations.remember({ askedJid: target, jid: registered, lid: null });
    if (registered === jid) return { jid, reply };
    return { jid: registered, reply: await this.#ask(registered, question, deadline) };
  }

  async #ask(
    target: Jid,
    { size, knownId, generation: moment }: CachedQuery,
    deadline: Deadline,
  ): Promise<PictureReply> {
    const { auth } = this.#device.ready();
    const query: PictureQuery = {
      target,
      size,
      knownId,
      privacyToken: await findPrivacyToken(auth.state, target, this.#device.ownJids),
    };
    const reply = await this.#queries.send(
      pictureQuery(query),
      pictureKey("picture", query, moment),
      deadline,
    );
    const read = readReply(reply, query);
    // Communities refuse the usual query and reply to this form.
    if (read.outcome !== "hidden" || !isGroup(target)) return read;
    const community = communityPictureQuery(query);
    const second = readReply(
      await this.#queries.send(community, pictureKey("community", query, moment), deadline),
      query,
    );
    return second.outcome === "not-understood" ? read : second;
  }

  /** @returns the JID under which a number is registered, if any */
  async #registeredJid(target: Jid, deadline: Deadline): Promise<Jid | undefined> {
    const digits = userOf(target);
    const stanza = registrationQuery(digits, this.#queries.newId());
    const reply = await this.#queries.ask(stanza, `registration ${digits}`, deadline);
    const registered = fromReply(readRegistrations(reply, [digits])).registered.get(digits);
    if (registered) return registered.jid;
    await this.#registrations.forget(target);
    return undefined;
  }
}

/** A query to WhatsApp, with the cache generation in which it began. */
interface CachedQuery extends PictureRequest {
  readonly generation: number;
}

/** Builds the key of a query. Requests after a change share no reply with requests before it. */
function pictureKey(
  form: "picture" | "community",
  { target, size, knownId = "" }: PictureQuery,
  moment: number,
): string {
  return `${form} ${target} ${size} ${knownId} ${moment}`;
}

function readReply(reply: QueryReply, query: PictureQuery): PictureReply {
  return reply.refused ? readPictureError(reply.code) : readPictureReply(reply.node, query);
}

function answer(
  { jid, reply }: CachedPicture,
  { size, knownId }: PictureRequest,
): PictureOutcome | UnchangedProfilePicture {
  switch (reply.outcome) {
    case "found": {
      const { picture } = reply;
      // WhatsApp may send the whole picture although the caller already has it.
      if (picture.id === knownId) return unchanged(jid, knownId, picture.size);
      return {
        jid,
        url: picture.url,
        picture_id: picture.id,
        type: picture.size,
        direct_path: picture.directPath,
        expires_at: picture.expiresAt?.toISOString() ?? null,
        unchanged: false,
      };
    }
    case "unchanged":
      if (knownId !== undefined) return unchanged(jid, knownId, size);
      return new Failure("WhatsAppError", { cause: "unchanged, but no id was sent" });
    case "not-set":
      return new Failure("PictureNotSet");
    case "hidden":
      return new Failure("PictureHidden");
    case "not-on-whatsapp":
      return new Failure("NotOnWhatsApp");
    case "rate-limited":
      return refusal(429);
    case "not-understood":
      return new Failure("WhatsAppError", { cause: reply.why });
  }
}

function unchanged(jid: Jid, id: string, type: PictureRequest["size"]): UnchangedProfilePicture {
  return { jid, url: null, picture_id: id, type, direct_path: null, expires_at: null, unchanged: true };
}
