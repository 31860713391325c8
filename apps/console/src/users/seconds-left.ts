import type { Token } from "@wuts/client";

/** For how many whole seconds a token still works; infinitely many when it does not end. */
export function secondsLeft({ expires_at }: Pick<Token, "expires_at">): number {
  if (expires_at === null) return Number.POSITIVE_INFINITY;
  // What a request takes to arrive is none of it.
  return Math.floor((Date.parse(expires_at) - Date.now()) / 1_000) - marginSeconds;
}

const marginSeconds = 5;
