import type { TestEvent } from "node:test/reporters";
import { type FaultReport, noteMark, reportMark } from "@wuts/server/test-support/fault-report";
import { alignedTable } from "./readme-section.ts";

/**
 * A test reporter that makes a Markdown table of the tests of faults. Every line is what a test noted while it ran; one that
 * failed was not survived, whatever it noted.
 */
export default async function* faultTable(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const reports = new Map<string, FaultReport>();
  const notes: string[] = [];
  const ended: { readonly name: string; readonly passed: boolean }[] = [];
  for await (const { type, data } of events) {
    if (type === "test:diagnostic" && data.message.startsWith(reportMark)) {
      const report: FaultReport = JSON.parse(data.message.slice(reportMark.length));
      if (reports.has(report.test)) throw new Error(`two tests have the name ${report.test}`);
      reports.set(report.test, report);
    } else if (type === "test:diagnostic" && data.message.startsWith(noteMark)) {
      notes.push(data.message.slice(noteMark.length));
    } else if ((type === "test:pass" || type === "test:fail") && data.details.type !== "suite") {
      ended.push({ name: data.name, passed: type === "test:pass" });
    }
  }
  const rows = ended.flatMap(({ name, passed }) => {
    const report = reports.get(name);
    if (passed) return report ? [rowOf(report)] : [];
    const [area = "", ...what] = name.split(": ");
    return [[area, what.join(": "), "", "**did not survive**", ""]];
  });
  // Files end in no certain order.
  rows.sort(([one = ""], [other = ""]) => (one < other ? -1 : one > other ? 1 : 0));
  yield [
    alignedTable([["Fault", "", "Callers saw", "Ended", "Times"], ...withoutRepetition(rows)]),
    ...notes.map((note) => `\n${note}`),
    "",
  ].join("\n");
}

function rowOf({ area, what, seen, ended, times }: FaultReport): string[] {
  return [area, what.replaceAll("|", "\\|"), seen.map((each) => `\`${each}\``).join(", "), ended, `${times}`];
}

/** What faults have in common stands in the first of their lines only. */
function withoutRepetition(rows: string[][]): string[][] {
  return rows.map(([area = "", ...rest], index) => [rows[index - 1]?.[0] === area ? "" : area, ...rest]);
}
