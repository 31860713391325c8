import type { Logger } from "pino";
import type { Caller } from "../kernel/caller.ts";
import { Failure } from "../kernel/failures.ts";
import { mayActAs } from "../kernel/roles.ts";
import type { TokenHolder } from "./repositories/tokens.repository.ts";
import type { TokenCache } from "./token-cache.ts";

/**
 * Follows the tokens of requests that are under way: what is done for a caller is not done on when their token has ended. All are
 * asked for together, now and then while there are any, so that a change by another server is noticed as one of this server is.
 */
export class FollowedTokens {
  readonly #tokens: TokenCache;
  readonly #log: Logger;
  readonly #everyMs: number;
  readonly #followed = new Set<Followed>();
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  /** @param everyMs how often it is asked whether they still work, in milliseconds */
  constructor(tokens: TokenCache, log: Logger, { everyMs = 500 }: { readonly everyMs?: number } = {}) {
    this.#tokens = tokens;
    this.#log = log;
    this.#everyMs = everyMs;
  }

  /**
   * @param end called once, with Failure Unauthorized, when the caller's token has ended, or its user may do less than before
   * @returns what ends this; it must be called
   */
  follow(caller: Caller, end: (reason: Failure) => void): () => void {
    const followed = { caller, end };
    this.#followed.add(followed);
    this.#timer ??= setInterval(() => void this.#ask(), this.#everyMs);
    return () => this.#leave(followed);
  }

  #leave(followed: Followed): void {
    this.#followed.delete(followed);
    if (this.#followed.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #ask(): Promise<void> {
    // A database that is slow is not asked by more and more.
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const asked = [...this.#followed];
      const holders = await this.#tokens.stillWorking(new Set(asked.map(({ caller }) => caller.tokenId)));
      for (const followed of asked) this.#judge(followed, holders.get(followed.caller.tokenId));
    } catch (error) {
      this.#log.warn({ err: error }, "whether the tokens of requests under way still work could not be told");
    } finally {
      this.#isAsking = false;
    }
  }

  #judge(followed: Followed, holder: TokenHolder | undefined): void {
    const isAsBefore = holder !== undefined && mayActAs(holder.role, followed.caller.role);
    if (isAsBefore || !this.#followed.has(followed)) return;
    this.#leave(followed);
    const message =
      holder === undefined ? "the token has ended meanwhile" : "what you may do has changed meanwhile";
    followed.end(new Failure("Unauthorized", { message }));
  }
}

interface Followed {
  readonly caller: Caller;
  readonly end: (reason: Failure) => void;
}
