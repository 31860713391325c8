import type { LookedUpPicture } from "@wuts/client";
import { csvFormatRows } from "d3-dsv";

/** What was found, as a spreadsheet reads it. Nothing in it is taken for a formula. */
export function outcomesCsv(
  targets: readonly string[],
  outcomes: ReadonlyMap<string, LookedUpPicture>,
): string {
  const rows = targets.map((input) => {
    const outcome = outcomes.get(input);
    const { jid, id, url, expires_at } = outcome?.picture ?? {};
    return [input, jid, id, url, expires_at, outcome?.error_code, outcome?.error].map((cell) =>
      harmless(cell ?? ""),
    );
  });
  return csvFormatRows([columns, ...rows]);
}

const columns = ["input", "jid", "id", "url", "expires_at", "error_code", "error"];

/** Spreadsheets run what begins so, but show what follows an apostrophe. A `+` begins phone numbers. */
function harmless(cell: string): string {
  return /^[=@\t\r-]/.test(cell) ? `'${cell}` : cell;
}
