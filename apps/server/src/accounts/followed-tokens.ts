import type { Logger } from "pino";
import type { Caller } from "../kernel/caller.ts";
import { Failure } from "../kernel/failures.ts";
import { mayActAs } from "../kernel/roles.ts";
import type { TokenHolder } from "./repositories/tokens.repository.ts";
import type { TokenCache } from "./token-cache.ts";

/**
 * Follows the tokens of requests that are under way: work for a caller stops when their token has ended. All tokens are checked
 * in one query at intervals while there are any, so that a change by another server is noticed like a change by this one.
 */
export class FollowedTokens {
  readonly #tokens: TokenCache;
  readonly #log: Logger;
  readonly #everyMs: number;
  readonly #followed = new Set<Followed>();
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  /** @param everyMs the interval between checks whether the tokens still work, in milliseconds */
  constructor(tokens: TokenCache, log: Logger, { everyMs = 500 }: { readonly everyMs?: number } = {}) {
    this.#tokens = tokens;
    this.#log = log;
    this.#everyMs = everyMs;
  }

  /**
   * @param end called once, with Failure Unauthorized, when the caller's token has ended, or its user may do less than before
   * @returns a function that stops following; it must be called
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
    // Only one check at a time, so that a slow database does not get more and more queries.
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
