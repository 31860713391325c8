import { Mutex } from "async-mutex";
import type { Logger } from "pino";
import { batchLoader } from "../../../kernel/concurrency/batch-loader.ts";
import { workSoFar } from "../../../kernel/concurrency/work-so-far.ts";
import { isGroup, isLid, isPhoneNumberJid, type Jid, parseJid } from "../../../whatsapp/protocol/jid.ts";
import type { Identities } from "../../contacts/identities.ts";
import type { PictureReply, PictureSize } from "../picture-stanza.ts";
import type { CachedPictureRow, PictureCacheRepository, StoredAnswer } from "./picture-cache.repository.ts";
import type { DeviceAnswers } from "./recent-answers.ts";

/** WhatsApp's reply about a contact's or a group's picture. */
export interface CachedPicture {
  /** The JID that the reply is about. */
  readonly jid: Jid;
  readonly reply: PictureReply | { readonly outcome: "not-on-whatsapp" };
}

/** A caller's request for a picture. */
export interface PictureRequest {
  readonly size: PictureSize;
  /** The id of a picture that the caller already has. */
  readonly knownId: string | undefined;
}

export interface PictureCacheParts {
  readonly rows: PictureCacheRepository;
  readonly recent: DeviceAnswers;
  readonly identities: Identities;
  /** 0: no caching. */
  readonly lifetimeSeconds: number;
  readonly log: Logger;
}

/**
 * Cache of WhatsApp's replies about pictures. Stored in the database, so that it outlives the process; invalidated as
 * soon as WhatsApp reports that a picture has changed.
 */
export class PictureCache {
  readonly #rows: PictureCacheRepository;
  readonly #recent: DeviceAnswers;
  readonly #identities: Identities;
  readonly #lifetimeMs: number;
  readonly #log: Logger;
  /** Runs cache changes in the order of the WhatsApp events that cause them. */
  readonly #changes = new Mutex();
  readonly #load: Record<PictureSize, (target: string) => Promise<StoredAnswer | undefined>>;
  #generation = 0;

  constructor({ rows, recent, identities, lifetimeSeconds, log }: PictureCacheParts) {
    this.#rows = rows;
    this.#recent = recent;
    this.#identities = identities;
    this.#lifetimeMs = lifetimeSeconds * 1000;
    this.#log = log;
    const read = (size: PictureSize) =>
      batchLoader<string, StoredAnswer>(async (targets) => {
        const { changes } = recent;
        const found = await rows.find(targets, size, this.#oldest());
        recent.keep(found.values(), changes);
        return found;
      });
    this.#load = { image: read("image"), preview: read("preview") };
  }

  /** Increases with each invalidation: a reply requested in an earlier generation may be older than the change. */
  get generation(): number {
    return this.#generation;
  }

  /** @returns by JID, the cached replies that suffice, so that WhatsApp need not be asked */
  async find(targets: readonly Jid[], asked: PictureRequest): Promise<ReadonlyMap<Jid, CachedPicture>> {
    if (this.#lifetimeMs === 0) return new Map();
    const rows = await this.#read(targets, asked.size);
    return new Map(
      targets.flatMap((target): [Jid, CachedPicture][] => {
        const row = rows.get(target);
        const reported = row && fromRow(row, asked);
        return reported ? [[target, reported]] : [];
      }),
    );
  }

  /**
   * Caches a reply that says something about the picture. The caller gets the reply in any case.
   * @param moment the generation in which WhatsApp was asked
   */
  async remember(moment: number, target: Jid, asked: PictureRequest, reported: CachedPicture): Promise<void> {
    if (this.#lifetimeMs === 0) return;
    const work = async () => {
      if (moment !== this.#generation) return;
      const earlier = (await this.#rows.find([target], asked.size, new Date(0))).get(target);
      const answer = toRow(target, asked, reported, earlier);
      if (!answer) return;
      const written = this.#rows.remember(answer, this.#oldest());
      await written.finally(() => this.#recent.forget(target, asked.size));
    };
    await this.#changes.runExclusive(work).catch((error: unknown) => {
      this.#log.error({ err: error }, "what WhatsApp said of a picture could not be stored");
    });
  }

  /**
   * Invalidates the cached replies of a person or group, under the number and the LID.
   * @param addresses all of one person or group; none: WhatsApp did not say whose picture changed, so the whole cache is
   * cleared
   */
  async forget(addresses: readonly Jid[]): Promise<void> {
    // Nothing was cached, and the start has removed earlier entries.
    if (this.#lifetimeMs === 0) return;
    if (addresses.length === 0) return this.forgetAll();
    this.#generation += 1;
    await this.#change(async () => {
      if (addresses.some(isGroup)) return this.#rows.forget(addresses);
      const known = [...(await this.#identities.known(addresses)).values()];
      const all = [...addresses, ...known.flatMap(({ jid, lid }) => [jid, lid])].filter(
        (jid) => jid !== null,
      );
      await this.#rows.forget(all);
      // If the number is not known, any cached number may belong to this person.
      if (!all.some(isPhoneNumberJid)) await this.#rows.forgetAllAskedBy("number");
      if (!all.some(isLid)) await this.#rows.forgetAllAskedBy("lid");
    });
  }

  /** Invalidates a reply whose picture is not at its URL. Later replies are cached again. */
  async invalidate(target: Jid): Promise<void> {
    await this.#change(() => this.#rows.forget([target]));
  }

  async forgetAll(): Promise<void> {
    this.#generation += 1;
    await this.#change(() => this.#rows.clear());
  }

  /**
   * Runs a change of a picture by this device itself, about which WhatsApp sends it no event. Invalidates before, because
   * the server may be killed as soon as the change is sent, and after, because of requests in between.
   */
  async invalidateAround<Result>(addresses: readonly Jid[], change: () => Promise<Result>): Promise<Result> {
    await this.forget(addresses);
    try {
      return await change();
    } finally {
      await this.forget(addresses);
    }
  }

  /** Resolves when no cache change that needs the database is under way. */
  async flush(): Promise<void> {
    await workSoFar(this.#changes);
  }

  /** Removes rows after the changes that are under way. */
  #change(work: () => Promise<void>): Promise<void> {
    return this.#changes.runExclusive(() => work().finally(() => this.#recent.forgetAll()));
  }

  /** Reads rows after the changes that are under way. */
  async #read(targets: readonly Jid[], size: PictureSize): Promise<ReadonlyMap<string, StoredAnswer>> {
    const [target, ...others] = targets;
    if (target === undefined || others.length > 0 || this.#changes.isLocked())
      return this.#changes.runExclusive(() => this.#rows.find(targets, size, this.#oldest()));
    const recent = this.#recent.find(target, size);
    const isFresh = recent !== undefined && recent.told_at > this.#oldest().toISOString();
    const row = isFresh ? recent : await this.#load[size](target);
    return new Map(row && [[target, row]]);
  }

  #oldest(): Date {
    return new Date(Date.now() - this.#lifetimeMs);
  }
}

/** @returns `undefined` if a URL is needed and no stored URL works for long enough */
function fromRow(row: CachedPictureRow, { knownId }: PictureRequest): CachedPicture | undefined {
  const jid = parseJid(row.jid);
  if (!jid) return undefined;
  if (row.outcome !== "found") return { jid, reply: { outcome: row.outcome } };
  const { picture_id: id, url, direct_path: directPath } = row;
  if (id !== null && id === knownId) return { jid, reply: { outcome: "unchanged" } };
  const expiresAt = row.expires_at === null ? undefined : new Date(row.expires_at);
  const isExpired = expiresAt !== undefined && expiresAt.getTime() - Date.now() < shortestUseMs;
  if (id === null || url === null || directPath === null || isExpired) return undefined;
  const size = row.found_size ?? row.picture_size;
  return { jid, reply: { outcome: "found", picture: { id, size, url, directPath, expiresAt } } };
}

/** A client needs some time to fetch the picture from its URL. */
const shortestUseMs = 60_000;

/** @returns `undefined` for a reply that says nothing about the picture */
function toRow(
  target: Jid,
  { size, knownId }: PictureRequest,
  { jid, reply }: CachedPicture,
  earlier: CachedPictureRow | undefined,
): CachedPictureRow | undefined {
  const nothing = { picture_id: null, found_size: null, url: null, direct_path: null, expires_at: null };
  const asked = { ...nothing, asked_jid: target, picture_size: size, jid };
  switch (reply.outcome) {
    case "found": {
      const { id, size: found_size, url, directPath: direct_path, expiresAt } = reply.picture;
      const expires_at = expiresAt?.toISOString() ?? null;
      return { ...asked, outcome: "found", picture_id: id, found_size, url, direct_path, expires_at };
    }
    case "unchanged":
      if (knownId === undefined) return undefined;
      // An earlier reply has the URL, or no reply has it.
      if (earlier?.picture_id === knownId) return { ...earlier, jid };
      return { ...asked, outcome: "found", picture_id: knownId };
    case "not-set":
    case "hidden":
    case "not-on-whatsapp":
      return { ...asked, outcome: reply.outcome };
    case "rate-limited":
    case "not-understood":
      return undefined;
  }
}
