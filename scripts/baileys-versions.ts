/** @returns the release candidate that was published last @param published when each version was, as `npm view <package> time` says it */
export function newestCandidate(published: Readonly<Record<string, string>>): string | undefined {
  // Baileys' own numbers do not sort: rc10 is before rc9 for npm, and both rc.9 and rc10 are in use.
  return Object.entries(published)
    .filter(([version]) => /^\d+\.\d+\.\d+-rc/.test(version))
    .sort(([, one], [, other]) => Date.parse(other) - Date.parse(one))
    .at(0)?.[0];
}

/** The one before the pinned one: what goes well with both does not hang on chance. */
export const olderCandidate = "7.0.0-rc13";
