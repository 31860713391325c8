import type { LookedUpPicture } from "@wuts/client";
import Papa from "papaparse";

/** Writes the outcomes as CSV for spreadsheets. No cell can be taken for a formula. */
export function outcomesCsv(
  targets: readonly string[],
  outcomes: ReadonlyMap<string, LookedUpPicture>,
): string {
  const rows = targets.map((input) => {
    const outcome = outcomes.get(input);
    const { jid, picture_id, url, expires_at } = outcome?.picture ?? {};
    return [input, jid, picture_id, url, expires_at, outcome?.error_code, outcome?.error];
  });
  return Papa.unparse([columns, ...rows], { newline: "\n", escapeFormulae: startOfFormula });
}

const columns = ["input", "jid", "picture_id", "url", "expires_at", "error_code", "error"];

/** A spreadsheet evaluates a cell that starts so. A `+` is the start of a phone number, and must stay. */
const startOfFormula = /^[=@\t\r-]/;
