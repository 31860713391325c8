import type { FaultReport } from "@wuts/server/test-support/fault-report";
import { alignedTable } from "./readme-section.ts";
import type { TestResults } from "./test-results.ts";

/**
 * Makes a Markdown table of the tests of faults. Each row is what a test noted while it ran; a fault whose test failed was
 * not survived, whatever it noted.
 */
export function faultTable({ testResults }: TestResults): string {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const rows = tests.flatMap(({ title, status, meta }) => {
    if (status === "passed") return meta.faultReport ? [rowOf(meta.faultReport)] : [];
    if (status !== "failed") return [];
    const [area = "", ...what] = title.split(": ");
    return [[area, what.join(": "), "", "**did not survive**", "", ""]];
  });
  // Files end in no certain order.
  rows.sort(([one = ""], [other = ""]) => (one < other ? -1 : one > other ? 1 : 0));
  return alignedTable([
    ["Fault", "", "Callers saw", "Ended", "Times", "Stanzas"],
    ...withoutRepetition(rows),
  ]);
}

function rowOf({ area, what, seen, ended, times, stanzas }: FaultReport): string[] {
  const answers = seen.map((each) => `\`${each}\``).join(", ");
  return [area, what.replaceAll("|", "\\|"), answers, ended, `${times}`, `${stanzas ?? ""}`];
}

/** What faults have in common stands in the first of their lines only. */
function withoutRepetition(rows: string[][]): string[][] {
  return rows.map(([area = "", ...rest], index) => [rows[index - 1]?.[0] === area ? "" : area, ...rest]);
}
