/** @returns the newest release candidate of all published versions */
export function newestCandidate(versions: readonly string[]): string | undefined {
  // Not as npm sorts them: for it rc14 is before rc9. Both rc.9 and rc10 are in use.
  const candidates = versions.flatMap((version) => {
    const [, ...numbers] = /^(\d+)\.(\d+)\.(\d+)-rc\.?(\d+)$/.exec(version) ?? [];
    return numbers.length > 0 ? [{ version, numbers: numbers.map(Number) }] : [];
  });
  candidates.sort((one, other) => compare(one.numbers, other.numbers));
  return candidates.at(-1)?.version;
}

/** The one before the pinned one: what goes well with both does not hang on chance. */
export const olderCandidate = "7.0.0-rc13";

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((number, at) => number !== other[at]);
  return index === -1 ? 0 : (one[index] ?? 0) - (other[index] ?? 0);
}
