import type { ServerResponse } from "node:http";
import { Failure } from "../../kernel/failures.ts";

export interface SharesOptions {
  /** What they are shares of, as `requests under way`. */
  readonly what: string;
  /** How much there may be at once. */
  readonly total: number;
  /** How much of it one owner may have at once. */
  readonly perOwner: number;
}

/** What somebody has taken of the shares. */
export interface Taken {
  /** @throws Failure ServerBusy when there is not so much left, RateLimited when the owner may not have so much */
  more(amount: number): void;
  /** Gives everything back. */
  giveBack(): void;
}

/** Gives everything back when a response is over, however it ends, and at once when it is over already. */
export function giveBackAfter(response: ServerResponse, taken: Taken): void {
  if (response.closed) taken.giveBack();
  else response.once("close", taken.giveBack);
}

/** Bounds what is held at once, of all together and of each owner, so that nobody can take it all. */
export class Shares {
  readonly #options: SharesOptions;
  /** Of those who have some. */
  readonly #ofOwner = new Map<string, number>();
  #taken = 0;

  constructor(options: SharesOptions) {
    this.#options = options;
  }

  /** How much all have together. */
  get taken(): number {
    return this.#taken;
  }

  /** @param owner a tenant, or whoever else is told apart */
  of(owner: string): Taken {
    let amount = 0;
    return {
      more: (more) => {
        this.#take(owner, more);
        amount += more;
      },
      giveBack: () => {
        this.#giveBack(owner, amount);
        amount = 0;
      },
    };
  }

  #take(owner: string, amount: number): void {
    const { what, total, perOwner } = this.#options;
    const own = (this.#ofOwner.get(owner) ?? 0) + amount;
    if (own > perOwner)
      throw new Failure("RateLimited", {
        message: `your tenant has as many ${what} as it may at once: ${perOwner}`,
        retryAfter: 1,
      });
    if (this.#taken + amount > total)
      throw new Failure("ServerBusy", { message: `the server has as many ${what} as it can hold` });
    this.#taken += amount;
    this.#ofOwner.set(owner, own);
  }

  #giveBack(owner: string, amount: number): void {
    const left = (this.#ofOwner.get(owner) ?? 0) - amount;
    this.#taken -= amount;
    if (left > 0) this.#ofOwner.set(owner, left);
    else this.#ofOwner.delete(owner);
  }
}
