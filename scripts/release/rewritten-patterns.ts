/**
 * Patterns of released contracts that were rewritten and take the same texts, so that no caller breaks: the tests compare
 * them. They have to be here for as long as the last release has the older one.
 */
export const rewrittenPatterns: readonly RewrittenPattern[] = [
  {
    why: "a long text took time that grew with its square",
    older: String.raw`^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$`,
    newer: String.raw`^[ \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$`,
    characters: ["a", " ", "\u00a0", "\u3000", "\ufeff", "\t", "\u0000", "\u007f", "\u200b"],
  },
  {
    why: "a long text took time that grew with its square",
    older: String.raw`^(?:(?![\s.()-]*0[\s.()-]*0)[\s.()-]*|[\s.()-]*(?:\+|0[\s.()-]*0))(?:[\s.()-]*[0-9]){10,15}[\s.()-]*$`,
    newer: String.raw`^[\s.()-]*(?:\+[\s.()-]*|0[\s.()-]*0[\s.()-]*|(?!0[\s.()-]*0))[0-9](?:[\s.()-]*[0-9]){9,14}[\s.()-]*$`,
    characters: ["0", "5", "55119", "+", "-", " ", "(", "a"],
  },
  {
    why: "code that is generated from it had ends of lines in a regular expression",
    older: String.raw`^[ \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*[^\s\u0000-\u001f\u007f][^\u0000-\u001f\u007f]*$`,
    newer: String.raw`^[^\S\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$`,
    characters: [
      "a",
      " ",
      "\u00a0",
      "\u2028",
      "\u2029",
      "\u3000",
      "\ufeff",
      "\t",
      "\u0085",
      "\u0000",
      "\u007f",
      "\u200b",
    ],
  },
  {
    why: "code that is generated from it had ends of lines in a regular expression",
    older: String.raw`^[ \u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0]*[^\s\u0000-\u001f\u007f\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0][^\u0000-\u001f\u007f]*$`,
    newer: String.raw`^(?:[^\S\x00-\x1f\x7f]|[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\uffa0])*[^\s\x00-\x1f\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\uffa0][^\x00-\x1f\x7f]*$`,
    characters: [
      "a",
      " ",
      "\u00a0",
      "\u00ad",
      "\u2028",
      "\u202e",
      "\u2060",
      "\ufeff",
      "\t",
      "\u0000",
      "\u007f",
      "\u200b",
    ],
  },
  {
    why: "code that is generated from it had control characters in it",
    older: String.raw`^[^\u0000-\u001f\u007f]+$`,
    newer: String.raw`^[^\x00-\x1f\x7f]+$`,
    characters: ["a", " ", "\t", "\u0000", "\u001f", "\u007f", "\u0080", "\u2028"],
  },
];

export interface RewrittenPattern {
  readonly why: string;
  readonly older: string;
  readonly newer: string;
  /** What texts are made of that show whether both take the same. */
  readonly characters: readonly string[];
}

/** Whether a pattern takes what another one took before. */
export function takesTheSame(older: unknown, newer: unknown): boolean {
  return rewrittenPatterns.some((pattern) => pattern.older === older && pattern.newer === newer);
}
