import fc from "fast-check";

/**
 * Texts that match a `pattern` of a schema. What looks around (`(?=…)`, `(?!…)`) cannot be generated from: texts are made
 * without it, and those that it refuses are dropped.
 */
export function matching(pattern: string, maxLength: number | undefined): fc.Arbitrary<string> {
  const key = `${maxLength} ${pattern}`;
  const texts = made.get(key) ?? makeMatching(pattern, maxLength);
  made.set(key, texts);
  return texts;
}

/** Every operation has its own arbitraries, and to make one for a pattern takes long. */
const made = new Map<string, fc.Arbitrary<string>>();

function makeMatching(pattern: string, maxLength: number | undefined): fc.Arbitrary<string> {
  const exact = new RegExp(pattern, "u");
  const loose = new RegExp(withoutLookarounds(pattern), "u");
  const limits = maxLength === undefined ? {} : { maxLength };
  const sizes = (["xsmall", "small", "medium"] as const).map((size) =>
    fc.stringMatching(loose, { ...limits, size }),
  );
  return fc.oneof(...sizes).filter((text) => exact.test(text));
}

/** @returns the pattern without its lookaheads and lookbehinds */
export function withoutLookarounds(pattern: string): string {
  let kept = "";
  for (let index = 0; index < pattern.length; ) {
    const start = /^\(\?<?[=!]/.exec(pattern.slice(index));
    const end = start ? endOfGroup(pattern, index) : endOfAtom(pattern, index);
    if (!start) kept += pattern.slice(index, end);
    index = end;
  }
  return kept;
}

/** @returns where the group that begins at `start` has ended */
function endOfGroup(pattern: string, start: number): number {
  let depth = 0;
  for (let index = start; index < pattern.length; index = endOfAtom(pattern, index)) {
    if (pattern[index] === "(") depth += 1;
    if (pattern[index] === ")") depth -= 1;
    if (depth === 0) return index + 1;
  }
  throw new Error(`a group of ${pattern} does not end`);
}

/** @returns where the character, escape or class that begins at `start` has ended */
function endOfAtom(pattern: string, start: number): number {
  const [atom = ""] = /^(?:\\.|\[(?:\\.|[^\]\\])*\]|.)/su.exec(pattern.slice(start)) ?? [];
  return start + atom.length;
}
