import type { Result, Row } from "./result.ts";

const header = ["at once", "", "req/s", "of by hand", "p50 ms", "p99 ms", "queries/answer"];

/** A result for the terminal. */
export function table({ machine, options, asked, rows }: Result): string {
  const { limit, rounds } = options;
  const each = "seconds" in limit ? `${limit.seconds} s` : `${limit.requests} requests`;
  return [
    "",
    ...aligned([header, ...rows.map(cells)]),
    "",
    `Asked: ${asked}.`,
    `Medians of ${rounds} rounds of ${each}; "of by hand" compares within a round.`,
    "Queries/answer: picture queries that reached the simulated WhatsApp; a little over 1, because what is under way",
    "when the time is up is asked but not counted as answered.",
    `Load, server and simulator share ${machine.cores} cores (${machine.cpu}), Node ${machine.node}.`,
    "",
  ].join("\n");
}

function cells(row: Row): string[] {
  return [
    String(row.connections),
    row.name,
    row.answersPerSecond.toFixed(0),
    `${(row.ratioToByHand * 100).toFixed(0)} %`,
    row.p50Ms.toFixed(2),
    row.p99Ms.toFixed(2),
    row.pictureQueriesPerAnswer.toFixed(2),
  ];
}

/** Names to the left, numbers to the right. */
function aligned(lines: readonly (readonly string[])[]): string[] {
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((cell, column) =>
        column === 1 ? cell.padEnd(widths[1] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("   "),
  );
}
