import type { Token } from "@wuts/client";

/** @returns the remaining lifetime of a token in whole seconds; `Infinity` if it does not expire */
export function secondsLeft({ expires_at }: Pick<Token, "expires_at">): number {
  if (expires_at === null) return Number.POSITIVE_INFINITY;
  // The margin covers the time that a request takes.
  return Math.floor((Date.parse(expires_at) - Date.now()) / 1_000) - marginSeconds;
}

const marginSeconds = 5;
