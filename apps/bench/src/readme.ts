import type { Machine, Result } from "./result.ts";
import { measured, verdict, wanted } from "./table.ts";

const begin = "<!-- bench: begin, written by npm run bench -- --readme -->";
const end = "<!-- bench: end -->";

/** @returns the README with the goals and what a run came to @throws Error when it has no place for them */
export function withResults(readme: string, result: Result): string {
  const [before, rest] = split(readme, begin);
  const [, after] = split(rest, end);
  return `${before}${begin}\n\n${goalsTable(result)}\n\n${where(result)}\n\n${end}${after}`;
}

function goalsTable({ sections }: Result): string {
  const rows = sections.flatMap(({ title, goals }) =>
    goals.map((goal, index) => [
      index === 0 ? title : "",
      goal.what,
      wanted(goal),
      measured(goal),
      verdict(goal),
    ]),
  );
  return aligned([["Compared", "What", "Goal", "Measured", ""], ...rows]);
}

function where({ machine, startedAt, quick }: Result): string {
  const day = startedAt.slice(0, 10);
  const kind = quick ? " A quick run: the numbers mean nothing." : "";
  return `${placeOf(machine)}, ${day}. Load, server and simulated WhatsApp share the machine.${kind}`;
}

function placeOf({ cores, cpu, memoryGiB, node }: Machine): string {
  return `${cores} cores (${cpu}), ${memoryGiB} GiB, Node ${node}`;
}

/** A Markdown table whose columns are as wide as the formatter wants them. */
function aligned([head = [], ...rows]: string[][]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: string[], fill: string) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`;
  return [line(head, " "), line([], "-"), ...rows.map((row) => line(row, " "))].join("\n");
}

function split(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`the README has no line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
