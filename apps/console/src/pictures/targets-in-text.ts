import Papa from "papaparse";

/** The targets that a text names. */
export interface TargetsInText {
  /** Phone numbers and JIDs as they are written in the text, without duplicates, in their order. */
  readonly targets: readonly string[];
  /** The number of lines that repeat an earlier target. */
  readonly duplicates: number;
  /** The number of lines without a target, including a heading. */
  readonly skipped: number;
}

/**
 * Finds phone numbers and JIDs in a pasted column or in a CSV. Of each line, it takes the first cell that looks like a phone
 * number with country code or like a JID. The server validates them.
 */
export function targetsInText(text: string): TargetsInText {
  // Papa Parse splits a whole text by one kind of line break; pasted texts can have several kinds.
  const { data: lines } = Papa.parse<string[]>(text.replaceAll(/\r\n?/g, "\n"), {
    newline: "\n",
    delimitersToGuess: [...delimiters],
    skipEmptyLines: "greedy",
  });
  const found = new Map<string, string>();
  let duplicates = 0;
  let skipped = 0;
  for (const cells of lines) {
    const target = cells.map((cell) => cell.trim()).find(looksLikeTarget);
    if (target === undefined) {
      skipped += 1;
      continue;
    }
    const key = target.includes("@") ? target : target.replaceAll(/\D/g, "").replace(/^00/, "");
    if (found.has(key)) duplicates += 1;
    else found.set(key, target);
  }
  return { targets: [...found.values()], duplicates, skipped };
}

/** Spreadsheets paste tabs, and export semicolons where the comma is the decimal separator, as in Brazil. */
const delimiters = [",", ";", "\t"] as const;

/**
 * Accepts as many digits as a number with country code has, and the separators that are usual between them. Short numbers
 * need `+` or `00`, since dates have as many digits.
 */
function looksLikeTarget(cell: string): boolean {
  if (cell.length > maxLength) return false;
  if (/^[\d:-]+@[a-z.]+$/.test(cell)) return true;
  const written = cell.replaceAll(/[\s\p{Z}\p{Cf}\p{Pd}.()[\]/]/gu, "");
  return /^(?:\+\d{7,18}|00\d{7,18}|\d{10,18})$/.test(written);
}

/** The contract's limit of a phone number or a JID, in characters. */
const maxLength = 64;
