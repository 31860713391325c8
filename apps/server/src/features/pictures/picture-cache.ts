import { Mutex } from "async-mutex";
import type { Logger } from "pino";
import { batchLoader } from "../../kernel/concurrency/batch-loader.ts";
import { isGroup, isLid, isPhoneNumberJid, type Jid, parseJid } from "../../whatsapp/protocol/jid.ts";
import type { Identities } from "../contacts/identities.ts";
import type { CachedPictureRow, PictureCacheRepository } from "./picture-cache.repository.ts";
import type { PictureReply, PictureSize } from "./picture-stanza.ts";

/** What WhatsApp said of somebody's picture. */
export interface CachedPicture {
  /** The JID that answered. */
  readonly jid: Jid;
  readonly reply: PictureReply | { readonly outcome: "not-on-whatsapp" };
}

/** Which picture somebody asks for. */
export interface PictureRequest {
  readonly size: PictureSize;
  /** The id of a picture that the asker already has. */
  readonly knownId: string | undefined;
}

/**
 * What WhatsApp said of pictures, answered again for a while without asking it. In the database, so that it outlives the
 * process; who changed their picture is forgotten as soon as WhatsApp says that they did.
 */
export class PictureCache {
  readonly #rows: PictureCacheRepository;
  readonly #identities: Identities;
  readonly #lifetimeMs: number;
  readonly #log: Logger;
  /** In the order in which WhatsApp said what they follow from. */
  readonly #changes = new Mutex();
  readonly #load: Record<PictureSize, (target: string) => Promise<CachedPictureRow | undefined>>;
  #generation = 0;

  /** @param lifetimeSeconds 0: nothing is remembered */
  constructor(rows: PictureCacheRepository, identities: Identities, lifetimeSeconds: number, log: Logger) {
    this.#rows = rows;
    this.#identities = identities;
    this.#lifetimeMs = lifetimeSeconds * 1000;
    this.#log = log;
    const read = (size: PictureSize) =>
      batchLoader<string, CachedPictureRow>((targets) => rows.find(targets, size, this.#oldest()));
    this.#load = { image: read("image"), preview: read("preview") };
  }

  /** Another one whenever something was forgotten: an answer that was asked for before that may be older than the change. */
  get generation(): number {
    return this.#generation;
  }

  /** @returns by JID, those of whom enough is known that WhatsApp need not be asked */
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
   * Remembers what says something of the picture. Whoever asked is answered in any case.
   * @param moment when it was asked for
   */
  async remember(moment: number, target: Jid, asked: PictureRequest, reported: CachedPicture): Promise<void> {
    if (this.#lifetimeMs === 0) return;
    const work = async () => {
      if (moment !== this.#generation) return;
      const earlier = (await this.#rows.find([target], asked.size, new Date(0))).get(target);
      const answer = toRow(target, asked, reported, earlier);
      if (answer) await this.#rows.remember(answer, this.#oldest());
    };
    await this.#changes.runExclusive(work).catch((error: unknown) => {
      this.#log.error({ err: error }, "what WhatsApp said of a picture could not be stored");
    });
  }

  /**
   * Forgets what was said of somebody, whether under their number or their LID.
   * @param addresses all of one person or group; none: WhatsApp did not say whose picture it is, so all is forgotten
   */
  async forget(addresses: readonly Jid[]): Promise<void> {
    // Nothing was remembered, and the start has forgotten what was before.
    if (this.#lifetimeMs === 0) return;
    if (addresses.length === 0) return this.forgetAll();
    this.#generation += 1;
    await this.#changes.runExclusive(async () => {
      if (addresses.some(isGroup)) return this.#rows.forget(addresses);
      const known = [...(await this.#identities.known(addresses)).values()];
      const all = [...addresses, ...known.flatMap(({ jid, lid }) => [jid, lid])].filter(
        (jid) => jid !== null,
      );
      await this.#rows.forget(all);
      // Of whom it is not known, any may be this one.
      if (!all.some(isPhoneNumberJid)) await this.#rows.forgetAllAskedBy("number");
      if (!all.some(isLid)) await this.#rows.forgetAllAskedBy("lid");
    });
  }

  /** Forgets what was said of a picture that is not where it should be. Whatever is said from now on counts. */
  async invalidate(target: Jid): Promise<void> {
    await this.#changes.runExclusive(() => this.#rows.forget([target]));
  }

  async forgetAll(): Promise<void> {
    this.#generation += 1;
    await this.#changes.runExclusive(() => this.#rows.clear());
  }

  /**
   * Does what changes a picture through this device itself, of which WhatsApp tells it nothing. Forgotten before, since the
   * server may be killed as soon as the change is on its way, and after, for those who asked meanwhile.
   */
  async invalidateAround<Result>(addresses: readonly Jid[], change: () => Promise<Result>): Promise<Result> {
    await this.forget(addresses);
    try {
      return await change();
    } finally {
      await this.forget(addresses);
    }
  }

  /** Resolves when nothing is under way that needs the database. */
  async flush(): Promise<void> {
    await this.#changes.waitForUnlock();
  }

  /** After the changes that are under way. */
  async #read(targets: readonly Jid[], size: PictureSize): Promise<ReadonlyMap<string, CachedPictureRow>> {
    const [target, ...others] = targets;
    if (target === undefined || others.length > 0 || this.#changes.isLocked())
      return this.#changes.runExclusive(() => this.#rows.find(targets, size, this.#oldest()));
    const row = await this.#load[size](target);
    return new Map(row && [[target, row]]);
  }

  #oldest(): Date {
    return new Date(Date.now() - this.#lifetimeMs);
  }
}

/** @returns nothing where a URL is asked for and there is none that works for a while */
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

/** Whoever gets a URL needs some time to fetch what is there. */
const shortestUseMs = 60_000;

/** @returns nothing for what says nothing of the picture */
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
      // Where it is, WhatsApp has said before, or never.
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
