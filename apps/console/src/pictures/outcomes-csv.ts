import { unparse } from "papaparse";
import type { Outcome } from "./look-up-many.ts";

/** What was found, as a spreadsheet reads it. Nothing in it is taken for a formula. */
export function outcomesCsv(
  people: readonly string[],
  outcomes: ReadonlyMap<string, Outcome>,
  invalid: string,
): string {
  const rows = people.map((input) => {
    const outcome = outcomes.get(input);
    if (outcome === "invalid") return { ...nothing, input, error_code: "VALIDATION_ERROR", error: invalid };
    const { jid, id, url, expires_at } = outcome?.picture ?? nothing;
    return { input, jid, id, url, expires_at, error_code: outcome?.error_code, error: outcome?.error };
  });
  return unparse(rows, { columns: Object.keys(nothing), escapeFormulae: /^[=@\t\r]/, newline: "\r\n" });
}

const nothing = { input: "", jid: "", id: "", url: "", expires_at: "", error_code: "", error: "" };
