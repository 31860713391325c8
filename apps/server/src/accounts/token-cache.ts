import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { coalesce } from "../kernel/concurrency/batch-loader.ts";
import type { ChangeVersion } from "./repositories/change-version.ts";
import {
  hashOfToken,
  type KnownToken,
  type RefusedToken,
  type TokenHolder,
  type TokenRepository,
} from "./repositories/tokens.repository.ts";

export interface TokenCacheOptions {
  /** How many tokens are cached; past that, the least recently used ones go. */
  readonly capacity?: number;
  /** The time now, in milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * A read-through cache of who holds a token, so that a request costs no query. It is invalidated as soon as anything may be
 * different: by `invalidate` after an own change of tokens or users, new ones included, and by itself after a change by
 * another process. Whether a token is expired is asked each time.
 */
export class TokenCache {
  readonly #rows: TokenRepository;
  /** Invalidates the cache if another process has changed something before this is called. */
  readonly #dropIfStale: () => Promise<void>;
  readonly #log: Logger;
  readonly #now: () => number;
  /** By hash. */
  readonly #cache: LRUCache<string, CachedToken>;
  /** By id, those that were asked for again last. */
  #again: ReadonlyMap<string, KnownToken> = new Map();
  /** Of all tokens that there are, once somebody asks for them. */
  #hashes: Promise<ReadonlySet<string>> | undefined;
  #stamp: number | undefined;
  #generation = 0;

  constructor(
    rows: TokenRepository,
    changesElsewhere: ChangeVersion,
    log: Logger,
    { capacity = 10_000, now = Date.now }: TokenCacheOptions = {},
  ) {
    this.#rows = rows;
    this.#dropIfStale = coalesce(async () => {
      const stamp = await changesElsewhere();
      if (stamp === this.#stamp) return;
      this.invalidate();
      this.#stamp = stamp;
    });
    this.#log = log;
    this.#cache = new LRUCache({ max: capacity });
    this.#now = now;
  }

  /**
   * @param mayQuery asked before a token that is not cached is looked for, which costs a query. If it may not, the token is
   * compared with all that there are, which are read once until something changes: guessing costs nothing then, and good ones
   * are found
   * @param tellRefused hears whose token it is when there is one that does not work
   * @returns who holds the token; `undefined` when nobody does, it is expired, or its holder is disabled
   */
  async authenticate(
    token: string,
    mayQuery: () => boolean = () => true,
    tellRefused: (refused: RefusedToken) => void = () => undefined,
  ): Promise<TokenHolder | undefined> {
    await this.#dropIfStale();
    const hash = hashOfToken(token);
    const now = new Date(this.#now());
    const known =
      this.#cache.get(hash) ??
      (mayQuery() || (await this.#exists(hash)) ? await this.#load(hash, now, tellRefused) : undefined);
    if (!known) return undefined;
    if (known.expiresAt && known.expiresAt <= now) {
      tellRefused({ holder: known.holder, reason: "expired" });
      return undefined;
    }
    await this.#noteUse(known, now);
    return known.holder;
  }

  /**
   * Tells which tokens that were found before still work, and what their holders are by now. While nothing changes, asking for the
   * same ones time and again costs no more queries than asking for none.
   * @param tokenIds all that are of interest: others are not remembered
   */
  async stillWorking(tokenIds: ReadonlySet<string>): Promise<ReadonlyMap<string, TokenHolder>> {
    await this.#dropIfStale();
    const now = new Date(this.#now());
    const generation = this.#generation;
    const working = new Map<string, KnownToken>();
    for (const id of tokenIds) {
      const known = this.#again.get(id) ?? (await this.#rows.findAgain(id, now));
      if (known && !(known.expiresAt && known.expiresAt <= now)) working.set(id, known);
    }
    // What was read before a change must not be cached after it.
    if (generation === this.#generation) this.#again = working;
    return new Map([...working].map(([id, { holder }]) => [id, holder]));
  }

  /** Empties the cache; what is being loaded just now is not cached. To be called after the change, not before. */
  invalidate(): void {
    this.#generation += 1;
    this.#cache.clear();
    this.#again = new Map();
    this.#hashes = undefined;
  }

  /** Whether there is a token with this hash, good or not. */
  async #exists(hash: string): Promise<boolean> {
    this.#hashes ??= this.#rows.listHashes().catch((error: unknown) => {
      this.#hashes = undefined;
      throw error;
    });
    return (await this.#hashes).has(hash);
  }

  async #load(
    hash: string,
    now: Date,
    tellRefused: (refused: RefusedToken) => void,
  ): Promise<CachedToken | undefined> {
    const generation = this.#generation;
    const found = await this.#rows.find(hash, now, tellRefused);
    // What was read before a change must not be cached after it.
    if (!found || generation !== this.#generation) return found;
    const cached = { ...found };
    this.#cache.set(hash, cached);
    return cached;
  }

  /** A request is not refused because its time could not be noted. */
  async #noteUse(known: CachedToken, now: Date): Promise<void> {
    const recent = new Date(now.getTime() - noteEveryMs);
    if (known.lastUsedAt && known.lastUsedAt > recent) return;
    known.lastUsedAt = now;
    try {
      await this.#rows.noteUse(known.holder.tokenId, now, recent);
    } catch (error) {
      this.#log.warn({ err: error }, "when a token was last used could not be stored");
    }
  }
}

type CachedToken = Omit<KnownToken, "lastUsedAt"> & { lastUsedAt: KnownToken["lastUsedAt"] };

const noteEveryMs = 60_000;
