import { dsvFormat } from "d3-dsv";

/** Whom a text names. */
export interface TargetsInText {
  /** Phone numbers and JIDs as they were written, each once, in their order. */
  readonly targets: readonly string[];
  /** How many were there before. */
  readonly duplicates: number;
  /** How many lines have none in them, a heading included. */
  readonly skipped: number;
}

/**
 * Finds people in a column that was pasted, or in a CSV: in each line, the first cell that looks like a phone number with
 * country code or like a JID. What of it really is one, the server decides.
 */
export function targetsInText(text: string): TargetsInText {
  const lines = dsvFormat(delimiterOf(text))
    .parseRows(text)
    .filter((cells) => cells.some((cell) => cell.trim() !== ""));
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

/** Spreadsheets paste tabs, and export semicolons where the comma is a decimal point, as in Brazil. */
function delimiterOf(text: string): string {
  return ["\t", ";"].find((delimiter) => text.includes(delimiter)) ?? ",";
}

/**
 * As many digits as a number with country code has, and nothing else than people write between them. Short ones are taken for
 * numbers only with `+` or `00`, since dates have as many digits.
 */
function looksLikeTarget(cell: string): boolean {
  if (cell.length > longest) return false;
  if (/^[\d:-]+@[a-z.]+$/.test(cell)) return true;
  const written = cell.replaceAll(/[\s\p{Z}\p{Cf}\p{Pd}.()[\]/]/gu, "");
  return /^(?:\+\d{7,18}|00\d{7,18}|\d{10,18})$/.test(written);
}

/** What the server takes of one. */
const longest = 64;
