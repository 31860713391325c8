import type { ServerResponse } from "node:http";
import { Failure } from "../../kernel/failures.ts";

export interface SharesOptions {
  /** The resource that is shared, such as `requests under way`. */
  readonly what: string;
  /** The total that may be taken at once. */
  readonly total: number;
  /** The part of it that each owner may take at once. */
  readonly perOwner: number;
}

/** The amount that an owner has taken of the shares. */
export interface Taken {
  /** @throws Failure ServerBusy when the total would be exceeded, RateLimited when the owner's part would be */
  more(amount: number): void;
  /** Gives everything back. */
  giveBack(): void;
}

/** Gives everything back when a response ends, in whatever way; at once when it has ended already. */
export function giveBackAfter(response: ServerResponse, taken: Taken): void {
  if (response.closed) taken.giveBack();
  else response.once("close", taken.giveBack);
}

/** Limits how much all owners together, and each owner, hold at once, so that no owner can take it all. */
export class Shares {
  readonly #options: SharesOptions;
  /** The amounts of the owners that hold any. */
  readonly #ofOwner = new Map<string, number>();
  #taken = 0;

  constructor(options: SharesOptions) {
    this.#options = options;
  }

  /** The amount that all owners hold together. */
  get taken(): number {
    return this.#taken;
  }

  /** @param owner a tenant, or another key that tells clients apart */
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
