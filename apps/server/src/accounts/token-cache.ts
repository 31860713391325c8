import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { ChangesElsewhere } from "../storage/engine/changes-elsewhere.ts";
import {
  hashOfToken,
  type KnownToken,
  type RefusedToken,
  type TokenHolder,
  type TokenRepository,
} from "./repositories/tokens.repository.ts";

export interface TokenCacheOptions {
  /** The number of cached tokens; beyond it, the least recently used ones are evicted. */
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
  readonly #elsewhere: Pick<ChangesElsewhere, "check">;
  readonly #log: Logger;
  readonly #now: () => number;
  /** Cached tokens by hash. */
  readonly #cache: LRUCache<string, CachedToken>;
  /** The tokens of the last `stillWorking`, by id. */
  #again: ReadonlyMap<string, KnownToken> = new Map();
  /** The hashes of all tokens; loaded when a caller first needs them. */
  #hashes: Promise<ReadonlySet<string>> | undefined;
  #version: number | undefined;
  #generation = 0;

  constructor(
    rows: TokenRepository,
    elsewhere: Pick<ChangesElsewhere, "check">,
    log: Logger,
    { capacity = 10_000, now = Date.now }: TokenCacheOptions = {},
  ) {
    this.#rows = rows;
    this.#elsewhere = elsewhere;
    this.#log = log;
    this.#cache = new LRUCache({ max: capacity });
    this.#now = now;
  }

  /**
   * @param mayQuery called before a token that is not cached is looked up, which costs a query. If it may not, the token is
   * compared with all existing tokens, which are read once until something changes: guesses then cost no query, and valid
   * tokens are still found
   * @param tellRefused called with the holder of a token that exists but does not work
   * @returns the holder of the token; `undefined` when the token is unknown or expired, or its holder is disabled
   */
  async authenticate(
    token: string,
    mayQuery: () => boolean = () => true,
    tellRefused: (refused: RefusedToken) => void = () => undefined,
  ): Promise<TokenHolder | undefined> {
    this.#dropIfStale(await this.#elsewhere.check());
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
   * Returns those tokens that were found before and still work, with their holders as they are now. While nothing changes,
   * repeated calls for the same tokens cost no more queries than calls for none.
   * @param tokenIds all tokens of interest: others are not cached
   */
  async stillWorking(tokenIds: ReadonlySet<string>): Promise<ReadonlyMap<string, TokenHolder>> {
    this.#dropIfStale(await this.#elsewhere.check());
    const now = new Date(this.#now());
    const generation = this.#generation;
    const working = new Map<string, KnownToken>();
    for (const id of tokenIds) {
      const known = this.#again.get(id) ?? (await this.#rows.findAgain(id, now));
      if (known && !(known.expiresAt && known.expiresAt <= now)) working.set(id, known);
    }
    // A value read before a change must not be cached after it.
    if (generation === this.#generation) this.#again = working;
    return new Map([...working].map(([id, { holder }]) => [id, holder]));
  }

  /** Empties the cache; a value that is being loaded is not cached. Call it after the change, not before. */
  invalidate(): void {
    this.#generation += 1;
    this.#cache.clear();
    this.#again = new Map();
    this.#hashes = undefined;
  }

  /** Empties the cache if another process has changed something. */
  #dropIfStale(version: number): void {
    if (version === this.#version) return;
    this.invalidate();
    this.#version = version;
  }

  /** Whether a token with this hash exists, valid or not. */
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
    // A value read before a change must not be cached after it.
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
