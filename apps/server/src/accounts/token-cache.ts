import type { Logger } from "pino";
import { coalesce } from "../kernel/batch-loader.ts";
import type { ChangesElsewhere } from "./repositories/change-version.ts";
import {
  hashOfToken,
  type KnownToken,
  type RefusedToken,
  type TokenHolder,
  type TokenRows,
} from "./repositories/tokens.repository.ts";

export interface KnownTokensOptions {
  /** How many tokens are remembered; past that, those that were not used for longest are forgotten. */
  readonly capacity?: number;
  /** The time now, in milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Finds who holds a token, and remembers it, so that a request costs no query. What is remembered is forgotten as soon as
 * anything may be different: `forget` after an own change of tokens or users, new ones included, and by itself after a change by another
 * process. Whether a token is expired is asked anew each time.
 */
export class KnownTokens {
  readonly #rows: TokenRows;
  /** Forgets everything if anybody else has changed something before this is called. */
  readonly #notice: () => Promise<void>;
  readonly #log: Logger;
  readonly #capacity: number;
  readonly #now: () => number;
  /** By hash, the one that was not used for longest first. */
  readonly #known = new Map<string, Remembered>();
  /** By id, those that were asked for again last. */
  #again: ReadonlyMap<string, KnownToken> = new Map();
  /** Of all tokens that there are, once somebody asks for them. */
  #hashes: Promise<ReadonlySet<string>> | undefined;
  #stamp: number | undefined;
  #generation = 0;

  constructor(
    rows: TokenRows,
    changesElsewhere: ChangesElsewhere,
    log: Logger,
    { capacity = 10_000, now = Date.now }: KnownTokensOptions = {},
  ) {
    this.#rows = rows;
    this.#notice = coalesce(async () => {
      const stamp = await changesElsewhere();
      if (stamp === this.#stamp) return;
      this.forget();
      this.#stamp = stamp;
    });
    this.#log = log;
    this.#capacity = capacity;
    this.#now = now;
  }

  /**
   * @param mayGuess asked before an unknown token is looked for, which costs a query. Where nobody may guess, it is compared
   * with all that there are, which are read once until something changes: guessing costs nothing then, and good ones are found
   * @param tellRefused hears whose token it is when there is one that does not work
   * @returns who holds the token; `undefined` when nobody does, it is expired, or its holder is disabled
   */
  async find(
    token: string,
    mayGuess: () => boolean = () => true,
    tellRefused: (refused: RefusedToken) => void = () => undefined,
  ): Promise<TokenHolder | undefined> {
    await this.#notice();
    const hash = hashOfToken(token);
    const now = new Date(this.#now());
    const known =
      this.#known.get(hash) ??
      (mayGuess() || (await this.#isAny(hash)) ? await this.#look(hash, now, tellRefused) : undefined);
    if (!known) return undefined;
    if (known.expiresAt && known.expiresAt <= now) {
      tellRefused({ holder: known.holder, reason: "expired" });
      return undefined;
    }
    this.#moveToEnd(hash, known);
    await this.#noteUse(known, now);
    return known.holder;
  }

  /**
   * Tells which tokens that were found before still work, and what their holders are by now. While nothing changes, asking for the
   * same ones time and again costs no more queries than asking for none.
   * @param tokenIds all that are of interest: others are not remembered
   */
  async stillWorking(tokenIds: ReadonlySet<string>): Promise<ReadonlyMap<string, TokenHolder>> {
    await this.#notice();
    const now = new Date(this.#now());
    const generation = this.#generation;
    const working = new Map<string, KnownToken>();
    for (const id of tokenIds) {
      const known = this.#again.get(id) ?? (await this.#rows.findAgain(id, now));
      if (known && !(known.expiresAt && known.expiresAt <= now)) working.set(id, known);
    }
    // What was read before a change must not be remembered after it.
    if (generation === this.#generation) this.#again = working;
    return new Map([...working].map(([id, { holder }]) => [id, holder]));
  }

  /** Forgets everything, and what is being looked up just now. To be called after the change, not before. */
  forget(): void {
    this.#generation += 1;
    this.#known.clear();
    this.#again = new Map();
    this.#hashes = undefined;
  }

  /** Whether there is a token with this hash, good or not. */
  async #isAny(hash: string): Promise<boolean> {
    this.#hashes ??= this.#rows.listHashes().catch((error: unknown) => {
      this.#hashes = undefined;
      throw error;
    });
    return (await this.#hashes).has(hash);
  }

  async #look(
    hash: string,
    now: Date,
    tellRefused: (refused: RefusedToken) => void,
  ): Promise<Remembered | undefined> {
    const generation = this.#generation;
    const found = await this.#rows.find(hash, now, tellRefused);
    // What was read before a change must not be remembered after it.
    if (!found || generation !== this.#generation) return found;
    const remembered = { ...found };
    this.#known.set(hash, remembered);
    const [longestUnused] = this.#known.keys();
    if (this.#known.size > this.#capacity && longestUnused !== undefined) this.#known.delete(longestUnused);
    return remembered;
  }

  #moveToEnd(hash: string, known: Remembered): void {
    if (this.#known.get(hash) !== known) return;
    this.#known.delete(hash);
    this.#known.set(hash, known);
  }

  /** A request is not refused because its time could not be noted. */
  async #noteUse(known: Remembered, now: Date): Promise<void> {
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

type Remembered = Omit<KnownToken, "lastUsedAt"> & { lastUsedAt: KnownToken["lastUsedAt"] };

const noteEveryMs = 60_000;
