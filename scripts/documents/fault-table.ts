import type { FaultReport } from "@wuts/server/test-support/fault-report";
import type { TestResults } from "../tests/test-results.ts";
import { listItem } from "./readme-section.ts";

/** A fault, and what came of it in a sentence: faults of an area with the same outcome stand together. */
interface Line {
  readonly area: string;
  readonly what: string;
  readonly outcome: string;
}

/**
 * Makes Markdown of the tests of faults: a heading for each area, and below it each outcome with the faults that had it. It
 * is what a test noted while it ran; a fault whose test failed was not survived, whatever it noted.
 */
export function faultTable({ testResults }: TestResults): string {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const lines = tests.flatMap(({ title, status, meta }): Line[] => {
    if (status === "passed") return meta.faultReport ? [lineOf(meta.faultReport)] : [];
    if (status !== "failed") return [];
    const [area = "", ...what] = title.split(": ");
    const outcome = "**Did not survive**";
    // A test of several faults at once has no area.
    return [
      what.length > 0 ? { area, what: what.join(": "), outcome } : { area: "Other", what: title, outcome },
    ];
  });
  // Files end in no certain order, and the sort keeps the order of the tests of a file.
  const byArea = Map.groupBy(lines, ({ area }) => area);
  return [...byArea]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([area, ofArea]) => `### ${area}\n\n${outcomesOf(ofArea)}`)
    .join("\n\n");
}

function outcomesOf(lines: readonly Line[]): string {
  return [...Map.groupBy(lines, ({ outcome }) => outcome)]
    .map(([outcome, faults]) => `${outcome}:\n\n${faults.map(({ what }) => listItem(what)).join("\n")}`)
    .join("\n\n");
}

function lineOf({ area, what, seen, ended, times, stanzas }: FaultReport): Line {
  const callers = seen.map((each) => `\`${each}\``).join(", ");
  const counts = [
    ...(times > 1 ? [`${times} times`] : []),
    ...(stanzas === undefined ? [] : [`${stanzas} ${stanzas === 1 ? "stanza" : "stanzas"}`]),
  ];
  return {
    area,
    what: counts.length > 0 ? `${what} (${counts.join(", ")})` : what,
    outcome: `Callers saw ${callers}. In the end: ${ended}`,
  };
}
